"""Link presets in the table of drafts: shown at each row, and in its link once a button was pressed."""

import pytest
from django.urls import reverse

from pins.models import LinkPreset
from pins.tags.services import set_tags
from tests.factories import BoardFactory, PinFactory
from tests.page_text import page_text

from .test_views import cells, fresh, path

pytestmark = pytest.mark.django_db
WITH = "https://example.com/?utm_source=pinterest&utm_medium=social&utm_campaign=chairs"


@pytest.fixture
def pin(team):
    team.board.name = "Chairs"
    team.board.save()
    return PinFactory(board=team.board, status="draft", publish_at=None, link="https://example.com/")


@pytest.fixture
def preset(team):
    return LinkPreset.objects.create(workspace=team.workspace, name="Standard", campaign="{board}", is_default=True)


def test_the_row_shows_its_link_as_it_will_be_saved(alice, pin, preset):
    page = page_text(alice.get(path(pin)))
    row = page_text(alice.post(reverse("pins:grid_row", args=[pin.pk]), cells(pin, title="Oak")))

    assert f"Will be saved as <code>{WITH}</code>" in page
    assert f"Will be saved as <code>{WITH}</code>" in row
    assert fresh(pin).link == "https://example.com/"


@pytest.mark.parametrize("step", ["save", "spread", "times", "queue"])
def test_a_button_saves_the_link_with_the_default_and_twice_adds_nothing(alice, pin, preset, step):
    alice.post(path(pin), cells(pin) | {"step": step})
    alice.post(path(pin), cells(pin) | {"step": step})

    assert fresh(pin).link == WITH
    assert fresh(pin).version == 2
    assert "Will be saved as" not in page_text(alice.get(path(pin)))


def test_filling_a_column_leaves_links_as_they_are_typed(alice, pin, preset):
    alice.post(path(pin), cells(pin) | {"step": "fill:title"})

    assert fresh(pin).link == "https://example.com/"


@pytest.mark.parametrize("step", ["save", "queue"])
def test_with_ticked_rows_a_button_leaves_the_links_of_the_others_as_they_are(team, alice, pin, preset, step):
    other = PinFactory(board=team.board, status="draft", publish_at=None, link="https://example.com/")

    alice.post(path(pin, other), cells(pin, other, title="Oak") | {"step": step, "ticked": pin.pk})

    assert [fresh(each).title for each in (pin, other)] == ["Oak", "Oak"]
    assert [fresh(each).link for each in (pin, other)] == [WITH, "https://example.com/"]


def test_a_button_of_a_row_that_settles_a_conflict_leaves_links_as_they_are_typed(team, alice, pin, preset):
    other = PinFactory(board=team.board, status="draft", publish_at=None, link="https://example.com/")

    alice.post(path(pin, other), cells(pin, other, title="Oak") | {f"row-{pin.pk}-replaces": 1})

    assert {(fresh(each).title, fresh(each).link) for each in (pin, other)} == {("Oak", "https://example.com/")}


def test_a_choice_stays_after_saving(team, alice, pin, preset):
    saved = alice.post(path(pin), cells(pin) | {"step": "save", "link_preset": "none"})
    page = alice.get(saved.headers["Location"])
    back = alice.post(saved.headers["Location"], cells(pin) | {"step": "fill:title", "link_preset": ""})

    assert saved.headers["Location"] == f"{path(pin)}&link_preset=none"
    assert '<option value="none" selected>' in page_text(page)
    assert "Will be saved as" not in page_text(page)
    assert back.headers["Location"] == path(pin)


def test_pages_of_rows_keep_the_choice(alice, pin, preset):
    others = [PinFactory(board=pin.board, status="draft") for _ in range(20)]

    page = alice.get(f"{path(pin, *others)}&page=2&link_preset=none")

    assert "&page=1&link_preset=none" in page.content.decode().replace("&amp;", "&")


def test_a_row_beside_one_that_is_refused_comes_back_with_the_link_that_was_saved(team, alice, pin, preset):
    other = PinFactory(board=team.board, status="draft", publish_at=None)
    refused = {"step": "save", f"row-{other.pk}-board": "Nowhere"}

    for _ in range(2):  # the second time, the link is the one that the pin has
        page = alice.post(path(pin, other), cells(pin, other, link="https://example.com/") | refused)
        rows = {row.pin.pk: row for row in page.context["rows"]}

        assert rows[pin.pk].form["link"].value() == fresh(pin).link == WITH
        assert rows[pin.pk].link == ""


def test_the_choice_of_a_preset_asks_once_for_all_links_and_saves_nothing(
    team, alice, pin, preset, django_assert_max_num_queries
):
    others = [PinFactory(board=team.board, status="draft", publish_at=None) for _ in range(30)]
    scheduled = PinFactory(board=team.board, status="scheduled")
    pins = [pin, *others]
    typed = cells(*pins, link="https://example.com/typed", title="Typed") | {"step": "links"}

    page = page_text(alice.get(path(*pins)))
    with django_assert_max_num_queries(15):
        with_it = page_text(alice.post(path(*pins, scheduled), typed | {"link_preset": preset.pk}))
    without = page_text(alice.post(path(*pins, scheduled), typed | {"link_preset": "none"}))

    assert page.count("#id_link_preset") == len(pins)  # each row sends the choice, and none waits for its change
    assert "from:#id_link_preset" not in page
    assert f'<div id="row-{pin.pk}-link"' in page
    assert with_it.count('hx-swap-oob="true"') == without.count('hx-swap-oob="true"') == len(pins)
    assert with_it.count("Will be saved as <code>https://example.com/typed?utm_source=pinterest") == len(pins)
    assert "Will be saved as" not in without
    assert {fresh(each).version for each in pins} == {1}


def test_another_preset_or_none_is_chosen_for_the_table(team, alice, pin, preset):
    numbered = LinkPreset.objects.create(
        workspace=team.workspace, name="Numbered", source="", medium="", campaign="{tag}", content="{pin}"
    )
    set_tags(pin, ["Spring sale", "oak"])
    row = reverse("pins:grid_row", args=[pin.pk])

    none = page_text(alice.post(row, cells(pin) | {"link_preset": "none"}))
    alice.post(path(pin), cells(pin) | {"step": "save", "link_preset": "none"})
    kept = fresh(pin).link
    alice.post(path(pin), cells(pin) | {"step": "save", "link_preset": numbered.pk})

    assert "Will be saved as" not in none
    assert kept == "https://example.com/"
    assert fresh(pin).link == f"https://example.com/?utm_campaign=oak&utm_content={pin.pk}"


def test_a_link_that_gets_too_long_is_told_at_once_and_hands_nothing_over(alice, pin, preset):
    long = "https://example.com/".ljust(2040, "x")
    told = page_text(alice.post(reverse("pins:grid_row", args=[pin.pk]), cells(pin, link=long)))

    page = alice.post(path(pin), cells(pin) | {"step": "spread"})

    assert "Pinterest allows 2,048" in told
    assert page.status_code == 200
    assert page_text(page).count("Pinterest allows 2,048") == 1
    assert fresh(pin).link == long


def test_a_preset_that_is_gone_is_told(alice, pin, preset):
    page = alice.post(path(pin), cells(pin) | {"step": "save", "link_preset": "12345"})

    assert "This link preset no longer exists" in page_text(page)


def test_presets_cost_the_page_the_same_queries_for_any_number_of_rows(
    team, alice, preset, django_assert_max_num_queries
):
    boards = [BoardFactory(account=team.account) for _ in range(3)]
    pins = [PinFactory(board=board, status="draft", link="https://example.com/") for board in boards * 10]

    with django_assert_max_num_queries(15):
        page = alice.get(path(*pins))

    assert page_text(page).count("Will be saved as") == 30
