"""Whatever people type may read from right to left: each place that shows it, or takes it, lets the text decide."""

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, Board, BoardSection, Workspace
from pins.models import Attachment, MediaFile, Pin, PinStatus
from tests.deletion_helpers import populate
from tests.factories import MediaFileFactory, PinFactory
from tests.url_matrix import ADDRESSES
from tests.visits import Visits

pytestmark = pytest.mark.django_db

TYPED = "שולחן אלון"
# Elements without a text of their own on the page, or whose direction their parent decides.
NOT_SHOWN = {"title", "script", "style", "option", "desc"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use"}
TYPING = {"text", "search", None}
# Colors, and what is chosen from a list.
OWN_DIRECTION = ("dominant_color", "time_zone")
# Sentences of ours have a direction of their own; a typed name within is in quotes.
SENTENCES = {"message", "lead", "timeline__event", "notification", "audit-log"}
PAGES = [name for name, address in ADDRESSES.items() if "GET" in address.answers and name != "accounts:export_download"]


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.path, self.faults, self.seen = [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        is_typing = tag == "textarea" or (tag == "input" and attrs.get("type") in TYPING)
        if is_typing and attrs.get("dir") != "auto" and not attrs.get("name", "").startswith(OWN_DIRECTION):
            self.faults.append(f"{tag} {attrs.get('name') or attrs.get('id')}")
        if tag not in VOID:
            self.path.append((tag, attrs))

    def handle_endtag(self, tag):
        while self.path and self.path.pop()[0] != tag:
            pass

    def handle_data(self, text):
        if TYPED not in text:
            return
        self.seen += 1
        classes = {name for _, attrs in self.path for name in (attrs.get("class") or "").split()}
        if any(tag in NOT_SHOWN for tag, _ in self.path) or any(c in SENTENCES for c in classes):
            return
        if any(tag == "bdi" or attrs.get("dir") == "auto" for tag, attrs in self.path):
            return
        self.faults.append(
            " > ".join(f"{tag}.{attrs.get('class', '')}" for tag, attrs in self.path[-3:]) + f": {text.strip()[:60]}"
        )


@pytest.fixture
def typed(team):
    populate(team.workspace, team.alice)
    PinFactory(board=team.board, status=PinStatus.DRAFT, attachments=2, review_comment="x")

    def everywhere():
        MediaFileFactory(workspace=team.workspace, original=MediaFile.objects.latest("pk"))
        Workspace.objects.update(name=TYPED)
        Pin.objects.update(title=TYPED, description=TYPED, alt_text=TYPED, link="https://example.com/")
        Pin.objects.exclude(review_comment="").update(review_comment=TYPED)
        Board.objects.update(name=TYPED)
        BoardSection.objects.update(name=TYPED)
        MediaFile.objects.update(original_name=f"{TYPED}.jpg", alt_text=TYPED)
        Attachment.objects.update(title=TYPED, description=TYPED)
        ApiKey.objects.update(name=TYPED)

    return everywhere


def test_typed_text_chooses_its_direction(case, team, typed):
    visits, browser = Visits(team), Client()
    browser.force_login(team.alice)
    for name in PAGES:
        with case(name):
            url = visits.url_of(name, team.alice)
            typed()

            response = browser.get(url, follow=True)

            if response["Content-Type"].startswith("text/html"):
                faults = Page(response.content.decode()).faults
                assert not faults, "\n".join(["FAULTS", *faults])


def test_the_composer_of_a_carousel_and_the_page_of_a_draft(team, alice, typed):
    typed()
    draft = Pin.objects.get(status=PinStatus.DRAFT, board=team.board)

    for name in ("pins:pin_edit", "pins:pin_detail"):
        page = Page(alice.get(reverse(name, args=[draft.pk])).content.decode())
        assert page.faults == []
        assert page.seen > 2
