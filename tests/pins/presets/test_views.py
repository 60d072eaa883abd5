import pytest
from django.urls import reverse

from pins.models import LinkPreset, PinTemplate, Snippet, Tag
from pins.tags.services import names_of, set_tags
from tests.factories import MediaFileFactory, PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

LIST = reverse("pins:preset_list")


def test_a_tag_is_created_renamed_and_deleted(team, alice):
    alice.post(reverse("pins:tag_create"), {"name": " #Spring  sale "})
    tag = Tag.objects.get()
    assert tag.name == "Spring sale"
    pin = PinFactory(board=team.board)
    pin.tags.add(tag)

    alice.post(reverse("pins:tag_edit", args=[tag.pk]), {"name": "SPRING SALE"})
    assert names_of(pin) == ["SPRING SALE"]
    assert "1 pin</a> ·" in page_text(alice.get(LIST))
    assert "from 1 pin and 0 files" in page_text(alice.get(reverse("pins:tag_delete", args=[tag.pk])))

    alice.post(reverse("pins:tag_delete", args=[tag.pk]))
    assert not Tag.objects.exists()
    pin.refresh_from_db()


def test_a_name_that_is_taken_is_refused_at_its_field(team, alice):
    Tag.objects.create(workspace=team.workspace, name="Sale")

    assert "“SALE” already exists" in page_text(alice.post(reverse("pins:tag_create"), {"name": "SALE"}))


def test_there_is_one_default_preset_and_a_board_has_one_preset(team, alice):
    create = reverse("pins:link_preset_create")
    for name in ("First", "Second"):
        body = {"name": name, "source": "pinterest", "is_default": "on", "boards": [team.board.pk]}
        assert alice.post(create, body).status_code == 302

    first, second = LinkPreset.objects.order_by("pk")
    assert (first.is_default, second.is_default) == (False, True)
    assert (list(first.boards.all()), list(second.boards.all())) == ([], [team.board])


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("campaign", "{nothing}", "{nothing} isn't a placeholder"),
        ("source", "", "Fill in at least one parameter"),
        ("hosts", "not a site!", "is not a site. Write it like example.com."),
    ],
)
def test_a_preset_is_refused_with_what_is_wrong(team, alice, field, text, sentence):
    body = {"name": "Mine", "source": "pinterest", field: text}

    assert sentence in page_text(alice.post(reverse("pins:link_preset_create"), body))
    assert not LinkPreset.objects.exists()


def test_hosts_are_written_one_a_line_as_sites(team, alice):
    body = {"name": "Mine", "source": "pinterest", "hosts": "https://www.Example.com/shop, oak.example"}
    alice.post(reverse("pins:link_preset_create"), body)

    assert LinkPreset.objects.get().hosts == "example.com\noak.example"


def test_a_template_keeps_its_tags(team, alice):
    alice.post(reverse("pins:template_create"), {"name": "Chairs", "title": "Oak", "tag_names": "Sale, Oak"})

    template = PinTemplate.objects.get()
    assert names_of(template) == ["Oak", "Sale"]
    page = alice.get(reverse("pins:template_edit", args=[template.pk]))
    assert page.context["form"]["tag_names"].value() == "Oak, Sale"


def test_a_snippet_that_no_description_holds_is_refused(team, alice):
    body = {"name": "Long", "kind": "text", "text": "x" * 501}

    assert "The text has 501 characters" in page_text(alice.post(reverse("pins:snippet_create"), body))
    assert not Snippet.objects.exists()


def test_lists_calendar_and_library_can_be_narrowed_to_a_tag(team, alice):
    tagged = PinFactory(board=team.board, title="With the tag")
    PinFactory(board=team.board, title="Without it")
    media = MediaFileFactory(workspace=team.workspace, original_name="tagged.jpg")
    MediaFileFactory(workspace=team.workspace, original_name="other.jpg")
    set_tags(tagged, ["Sale"])
    set_tags(media, ["Sale"])
    asked = {"tag": Tag.objects.get().pk}

    pins = page_text(alice.get(reverse("pins:pin_list"), asked))
    library = page_text(alice.get(reverse("pins:media_list"), asked))
    plan = page_text(alice.get(reverse("pins:calendar"), asked | {"on": f"{tagged.publish_at:%Y-%m-%d}"}))

    assert ("With the tag" in pins, "Without it" in pins) == (True, False)
    assert ("With the tag" in plan, "Without it" in plan) == (True, False)
    assert ("tagged.jpg" in library, "other.jpg" in library) == (True, False)


def test_a_file_gets_tags_on_its_page(team, alice):
    media = MediaFileFactory(workspace=team.workspace)

    alice.post(reverse("pins:media_detail", args=[media.pk]), {"alt_text": "", "tag_names": "Oak"})

    assert names_of(media) == ["Oak"]
