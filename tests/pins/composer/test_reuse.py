"""Tags, link presets, snippets and templates in the composer."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from pins.models import LinkPreset, Pin, PinTemplate, Snippet
from pins.tags.services import names_of, set_tags
from tests.factories import BoardFactory, MediaFileFactory, PinFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db

NEW = reverse("pins:pin_create")
PREVIEW = reverse("pins:pin_link_preset")


@pytest.fixture
def preset(team):
    return LinkPreset.objects.create(workspace=team.workspace, name="Standard", campaign="{board}", is_default=True)


def test_tags_are_saved_with_the_pin_and_shown_on_its_page(team, alice):
    alice.post(NEW, {"title": "Oak", "tags": "Spring sale, oak", "action": "draft"})

    pin = Pin.objects.get()
    assert names_of(pin) == ["oak", "Spring sale"]
    assert "Spring sale" in page_text(alice.get(reverse("pins:pin_detail", args=[pin.pk])))


def test_a_form_without_the_field_leaves_the_tags_as_they_are(team, alice):
    pin = PinFactory(board=team.board, status="draft")
    set_tags(pin, ["Oak"])

    alice.post(reverse("pins:pin_edit", args=[pin.pk]), {"title": "New", "action": "draft", "version": 1})

    assert names_of(pin) == ["Oak"]


def test_tags_are_saved_without_a_button(team, alice):
    pin = PinFactory(board=team.board, status="draft")

    alice.post(reverse("pins:pin_autosave", args=[pin.pk]), {"title": "New", "tags": "Oak", "version": 1})

    assert names_of(pin) == ["Oak"]


def test_too_many_tags_are_told_at_the_field_and_stay_typed(team, alice):
    tags = ", ".join(f"tag {number}" for number in range(11))

    text = page_text(alice.post(NEW, {"title": "Oak", "tags": tags, "action": "draft"}))

    assert "11 tags are entered; up to 10 are allowed" in text
    assert not Pin.objects.exists()


def test_a_copy_has_the_tags_of_its_pin(team, alice):
    pin = PinFactory(board=team.board)
    set_tags(pin, ["Oak"])

    alice.post(reverse("pins:pin_duplicate", args=[pin.pk]))

    assert names_of(Pin.objects.latest("pk")) == ["Oak"]


def test_the_default_preset_is_in_the_link_that_is_saved(team, alice, preset):
    team.board.name = "Oak chairs"
    team.board.save()

    alice.post(NEW, {"board": team.board.pk, "link": "https://example.com/a?b=c#d", "action": "draft"})

    assert Pin.objects.get().link == (
        "https://example.com/a?b=c&utm_source=pinterest&utm_medium=social&utm_campaign=oak-chairs#d"
    )


def test_the_preset_of_the_board_goes_before_the_default_and_none_before_both(team, alice, preset):
    other = BoardFactory(account=team.account)
    own = LinkPreset.objects.create(workspace=team.workspace, name="Own", source="own", medium="")
    own.boards.add(other)
    posted = {"board": other.pk, "link": "https://example.com/", "action": "draft"}

    alice.post(NEW, posted)
    alice.post(NEW, posted | {"link_preset": "none"})
    alice.post(NEW, posted | {"link_preset": str(preset.pk)})

    links = list(Pin.objects.order_by("pk").values_list("link", flat=True))
    assert links[:2] == ["https://example.com/?utm_source=own", "https://example.com/"]
    assert links[2].startswith("https://example.com/?utm_source=pinterest")


def test_saving_by_itself_leaves_the_link_as_it_is_typed(team, alice, preset):
    alice.post(reverse("pins:pin_autosave_new"), {"title": "Oak", "link": "https://example.com/"})

    assert Pin.objects.get().link == "https://example.com/"


def test_saving_twice_adds_nothing(team, alice, preset):
    pin = PinFactory(board=team.board, status="draft", link="https://example.com/")
    edit = reverse("pins:pin_edit", args=[pin.pk])
    posted = {"board": team.board.pk, "link": pin.link, "action": "draft", "version": 1}
    alice.post(edit, posted)
    pin.refresh_from_db()
    once = pin.link

    alice.post(edit, posted | {"link": once, "version": pin.version})

    pin.refresh_from_db()
    assert pin.link == once != "https://example.com/"


@pytest.fixture
def numbered(team):
    return LinkPreset.objects.create(
        workspace=team.workspace, name="Numbered", medium="", campaign="{tag}", content="{board}-{pin}", is_default=True
    )


@pytest.mark.parametrize("action", ["draft", "schedule"])
def test_the_first_save_of_a_pin_puts_its_number_and_its_tag_into_the_link(team, alice, numbered, action):
    media = MediaFileFactory(workspace=team.workspace)
    posted = {"board": team.board.pk, "link": "https://example.com/", "tags": "Spring sale", "action": action}
    posted |= {
        "attachments": media.pk,
        "publish_at": f"{timezone.now() + timedelta(days=9):%Y-%m-%dT%H:%M}",
        "when": "time",
    }
    posted["form_token"] = str(alice.get(NEW).context["form"]["form_token"].value())

    alice.post(NEW, posted)
    alice.post(NEW, posted)  # a double click

    pin = Pin.objects.get()
    board = slugify(team.board.name)
    expected = f"https://example.com/?utm_source=pinterest&utm_campaign=spring-sale&utm_content={board}-{pin.pk}"
    assert pin.link == expected
    assert pin.status == {"draft": "draft", "schedule": "scheduled"}[action]
    assert names_of(pin) == ["Spring sale"]
    assert [event.kind for event in pin.events.order_by("pk")][0] == "drafted"


@pytest.mark.parametrize("link", ["https://example.com/?utm_content=own", "https://example.org/"])
def test_a_link_that_gets_no_number_needs_no_draft_first(team, alice, numbered, link):
    LinkPreset.objects.update(hosts="example.com")
    token = alice.get(NEW).context["form"]["form_token"].value()

    alice.post(NEW, {"link": link, "board": team.board.pk, "action": "draft", "form_token": str(token)})

    pin = Pin.objects.get()
    assert pin.link.startswith(link)
    assert pin.version == 1


def test_another_pin_from_the_form_of_a_published_one_does_not_get_its_number(team, alice, numbered):
    token = alice.get(NEW).context["form"]["form_token"].value()
    PinFactory(board=team.board, status="published", form_token=token)
    posted = {"board": team.board.pk, "title": "Another", "link": "https://example.com/", "action": "draft"}

    alice.post(NEW, posted | {"form_token": str(token)})

    assert Pin.objects.latest("pk").link.endswith(f"utm_content={slugify(team.board.name)}")


def test_an_edit_without_the_field_takes_the_tag_that_the_pin_has(team, alice, numbered):
    pin = PinFactory(board=team.board, status="draft")
    set_tags(pin, ["Oak"])

    posted = {"board": team.board.pk, "link": "https://example.com/", "action": "draft", "version": 1}
    alice.post(reverse("pins:pin_edit", args=[pin.pk]), posted)

    pin.refresh_from_db()
    assert "utm_campaign=oak" in pin.link


def test_the_link_is_shown_as_it_will_be_saved(team, alice, preset):
    answer = alice.post(PREVIEW, {"link": "https://example.com/", "title": "Oak"})

    assert "https://example.com/?utm_source=pinterest&utm_medium=social" in page_text(answer)


def test_a_preset_that_makes_the_link_too_long_is_told_at_the_link(team, alice, preset):
    link = "https://example.com/".ljust(2040, "x")

    text = page_text(alice.post(NEW, {"link": link, "action": "draft"}))

    assert "Pinterest allows 2,048" in text
    assert not Pin.objects.exists()


def test_a_snippet_is_added_to_the_description_without_scripts(team, alice):
    snippet = Snippet.objects.create(workspace=team.workspace, name="Shop", text="See our shop.")

    page = alice.post(NEW, {"description": "Oak.", "action": f"snippet:{snippet.pk}"})

    assert page.context["form"]["description"].value() == "Oak. See our shop."
    assert "Inserted “Shop”" in page_text(page)


def test_a_template_fills_empty_fields_only_and_says_which(team, alice):
    template = PinTemplate.objects.create(workspace=team.workspace, name="Chairs", title="A chair", alt_text="Oak")

    page = alice.post(NEW, {"title": "Mine", "action": f"template:{template.pk}"})

    assert page.context["form"]["title"].value() == "Mine"
    assert page.context["form"]["alt_text"].value() == "Oak"
    assert "Filled in from “Chairs”: alt text." in page_text(page)


def test_the_template_of_the_board_fills_a_new_pin_for_it(team, alice):
    PinFactory(board=team.board, created_by=team.alice)
    template = PinTemplate.objects.create(workspace=team.workspace, name="Chairs", description="By hand.")
    template.boards.add(team.board)

    page = alice.get(NEW, {"media": MediaFileFactory(workspace=team.workspace).pk})

    assert page.context["form"]["description"].value() == "By hand."
    assert "Filled in from “Chairs”: description." in page_text(page)


@pytest.mark.parametrize("action", ["snippet", "template"])
def test_what_was_deleted_meanwhile_changes_nothing_and_says_so(team, alice, action):
    page = alice.post(NEW, {"description": "Oak.", "action": f"{action}:12345"})

    assert page.context["form"]["description"].value() == "Oak."
    assert f"This {action} no longer exists" in page_text(page)
