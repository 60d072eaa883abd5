import re
from pathlib import Path

import pytest
from django.urls import reverse

from pins import limits
from pins.errors.catalogue import CATALOGUE
from pins.errors.help_topics import GROUPS, TOPICS
from pins.errors.lookup import help_anchor
from pins.models import PinStatus
from pins.rules import composition, links
from tests.factories import PinFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(alice):
    return alice.get(reverse("pins:help")).content.decode()


def ids(page):
    return re.findall(r'\bid="([^"]+)"', page)


def codes_of(module):
    """The codes that stand in a module's source, as the first argument of a finding."""
    source = Path(module.__file__).read_text()
    return set(re.findall(r'(?:Problem\(|problem\(|return |return \(\s+)"([a-z]+(?:_[a-z]+)+)",', source))


def test_every_row_of_the_table_stands_on_the_page_once(page):
    for row in CATALOGUE:
        assert ids(page).count(row.anchor) == 1
        assert f"<code>{row.code}</code>" in page
    assert sum(len(group.rows) for group in GROUPS) == len(CATALOGUE)


def test_every_anchor_on_the_page_exists_once(page):
    targets = set(re.findall(r'href="#([^"]+)"', page))

    assert {topic.anchor for topic in TOPICS} | {row.anchor for row in CATALOGUE} <= targets
    assert targets <= set(ids(page))
    assert len(ids(page)) == len(set(ids(page)))


def test_every_code_that_a_pin_can_have_leads_to_a_place_on_the_page(page):
    codes = codes_of(composition) | codes_of(links)
    # Found in the source at all; the codes of too long texts are made from the name of the field.
    assert {"board_missing", "video_codec", "cover_before_video", "link_redirects", "link_unresolvable"} <= codes

    for code in codes | {"title_too_long"} | {row.code for row in CATALOGUE}:
        assert help_anchor(code) in ids(page)


@pytest.mark.parametrize(
    "words",
    [
        # The specification, "Troubleshooting"
        "exactly 2 attachments",
        "The first attachment is the video: MP4",
        "The second attachment is the cover image: JPG or PNG",
        "The cover image is shown before the video plays",
        "Check that the format is MP4",
        "Verify that the file isn&#x27;t too large",
        "5 to 10 minutes",
        "stuck for over 30 minutes",
        "Create the board on Pinterest first",
        "Refresh the boards",
        "Verify the board&#x27;s permissions",
        "Check that the board isn&#x27;t deleted",
        "24 to 48 hours for their first analytics",
        "the date range includes the day the pin was created",
        "Some numbers may be zero at first",
        "data is sometimes late",
        # "Best Practices"
        "1000 × 1500 pixels (2:3)",
        "all 500 characters of the description",
        "keywords",
        "Choose a board that matches",
        "pins with links drive 3x more traffic",
        # docs/pinterest.md
        "Only the account that created",
        "review a video pin for 24 to 48 hours",
    ],
)
def test_the_specifications_advice_stands_on_the_page(page, words):
    assert words in " ".join(page.split())


def test_the_numbers_are_those_of_the_rules(page):
    assert f"up to {limits.VIDEO_BYTES // 1024**3} GB" in page
    assert f"({limits.LINK_LENGTH:,})" in page


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.code)
def test_the_page_of_a_failed_pin_leads_to_its_row(team, alice, row):
    pin = PinFactory(board=team.board, status=PinStatus.FAILED, error_code=row.code, error_text="Sorry (request 42)")

    page = alice.get(reverse("pins:pin_detail", args=[pin.pk])).content.decode()

    assert f'<a href="{reverse("pins:help")}#{row.anchor}">Learn more</a>' in page
    assert "Details: “Sorry (request 42)”" in page
    assert "Traceback" not in page


def test_the_menu_leads_to_the_page(alice):
    assert f'href="{reverse("pins:help")}"' in alice.get(reverse("pins:pin_list")).content.decode()
