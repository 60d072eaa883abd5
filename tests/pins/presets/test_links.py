from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from pins import limits
from pins.models import LinkPreset
from pins.presets.links import LinkTooLong, check_placeholders, placeholder_values, with_parameters
from pins.rules.composition import Composition

VALUES = {
    "board": "kitchen-chairs",
    "account": "oak",
    "title": "oak-chair",
    "date": "2027-03-01",
    "pin": "7",
    "tag": "",
}
STANDARD = LinkPreset(name="Standard", campaign="{board}")

# Words of links that have a meaning in them, beside letters.
PIECES = st.lists(
    st.sampled_from(
        ["a", "é", "%20", "%26", "=", "&", "?", "/", "+", ";", "utm_source", "UTM_medium=x", "utm_term=", "q"]
    ),
    max_size=8,
).map("".join)
LINKS = st.builds(
    "{}://{}/{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["example.com", "shop.example.com:8443", "[::1]", "müller.example"]),
    PIECES.map(lambda text: text.replace("?", "")),
    st.one_of(st.just(""), PIECES.map("?{}".format)),
    st.one_of(st.just(""), PIECES.map("#{}".format)),
)


@settings(max_examples=1000)
@given(link=LINKS)
def test_a_preset_only_adds_and_adding_it_twice_changes_nothing(link):
    once = with_parameters(link, STANDARD, VALUES)

    assert with_parameters(once, STANDARD, VALUES) == once
    before, after = urlsplit(link), urlsplit(once)
    assert (after.scheme, after.netloc, after.path, after.fragment) == (
        before.scheme, before.netloc, before.path, before.fragment,
    )  # fmt: skip
    assert after.query.startswith(before.query)
    names = [name.lower() for name, _ in parse_qsl(after.query, keep_blank_values=True)]
    for name in STANDARD.parameters:
        had = [each for each, _ in parse_qsl(before.query, keep_blank_values=True) if each.lower() == name]
        assert names.count(name) == max(1, len(had))


def test_what_a_link_has_already_wins():
    link = "https://example.com/chair?utm_source=mail&color=oak#top"

    assert with_parameters(link, STANDARD, VALUES) == (
        "https://example.com/chair?utm_source=mail&color=oak&utm_medium=social&utm_campaign=kitchen-chairs#top"
    )


@pytest.mark.django_db
def test_placeholders_become_words_of_the_pin(team):
    team.board.name = "Küche & Bad_2027"
    composition = Composition(board=team.board, title="Oak chair: “by hand”")
    zone = SimpleNamespace(zone=ZoneInfo("Asia/Tokyo"))
    at = datetime(2027, 3, 1, 20, 0, tzinfo=UTC)

    values = placeholder_values(composition, publish_at=at, now=at, workspace=zone, pin_id=42, tags=["Spring sale"])

    assert values == {
        "board": "kuche-bad-2027",
        "account": team.account.username,
        "title": "oak-chair-by-hand",
        "date": "2027-03-02",
        "pin": "42",
        "tag": "spring-sale",
    }


def test_a_parameter_whose_placeholder_is_empty_is_left_out():
    preset = LinkPreset(name="By tag", source="", medium="", campaign="{tag}", content="sale-{tag}")

    assert with_parameters("https://example.com/", preset, VALUES) == "https://example.com/?utm_content=sale"


def test_a_preset_is_for_its_sites_and_their_subdomains_only():
    preset = LinkPreset(name="Shop", medium="", hosts="example.com\noak.example")

    assert (
        with_parameters("https://shop.example.com/", preset, VALUES) == "https://shop.example.com/?utm_source=pinterest"
    )
    assert with_parameters("https://badexample.com/", preset, VALUES) == "https://badexample.com/"
    assert with_parameters("mailto:oak@example.com", preset, VALUES) == "mailto:oak@example.com"


def test_a_link_that_gets_too_long_is_refused_with_its_length():
    link = "https://example.com/".ljust(limits.LINK_LENGTH, "x")

    with pytest.raises(LinkTooLong, match=r"2,115 characters; Pinterest allows 2,048"):
        with_parameters(link, STANDARD, VALUES)


@pytest.mark.parametrize("text", ["{campaign}", "{}", "{board", "board}", "{{board}}"])
def test_an_unknown_placeholder_is_refused_in_the_preset(text):
    with pytest.raises(ValidationError, match="You can use {board}, {account}"):
        check_placeholders(text)


def test_known_placeholders_are_accepted():
    check_placeholders("{board}-{account}-{title}-{date}-{pin}-{tag} and words")
