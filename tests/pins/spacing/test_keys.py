"""Which spellings of a link are the same link, and which files the same image."""

import hashlib
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pins.spacing.keys import KEY_LENGTH, link_key, picture_key

SALE = "https://example.com/sale"


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/sale/",
        "HTTPS://Example.COM/sale",
        "https://example.com:443/sale",
        "https://example.com/sale#top",
        "https://example.com/sale?",
        "https://example.com/sale?utm_source=pinterest",
        "https://example.com/sale/?utm_campaign=spring&utm_source=pinterest&gclid=Cj0#top",
        "https://example.com/sale?UTM_Source=x&GCLID=y&utm_term",
        " https://example.com/sale ",
    ],
)
def test_spellings_of_a_link_have_one_key(link):
    assert link_key(link) == SALE


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/sale2",
        "https://example.com/Sale",
        "http://example.com/sale",
        "https://www.example.com/sale",
        "https://example.com/sale?id=1",
        "https://example.com/sale?notutm_source=1",
        "https://example.com/sale?gclids=1",
    ],
)
def test_other_pages_have_other_keys(link):
    assert link_key(link) != SALE


def test_other_parameters_stay_in_their_order():
    assert link_key("https://example.com/?b=2&utm_id=7&a=1&&c") == "https://example.com?b=2&a=1&c"


def test_no_link_has_no_key():
    assert link_key("") == link_key("  ") == ""


@pytest.mark.parametrize("link", ["not a link", "ftp://example.com/a#b", "http://[::1", "mailto:a@example.com"])
def test_what_is_no_web_address_is_compared_as_it_is(link):
    assert link_key(link) == link


def test_a_long_link_is_compared_by_its_hash():
    long = f"{SALE}?q={'é' * 700}"

    assert len(link_key(long)) <= KEY_LENGTH
    assert link_key(long) == link_key(f"{long}&utm_source=x")
    assert link_key(long) != link_key(f"{long}e")


tracking = st.sampled_from(["utm_source=p", "utm_medium=social", "UTM_Campaign=a%20b", "gclid=Cj0K", "utm_content"])
others = st.lists(st.sampled_from(["id=1", "color=oak", "q=a%2Bb", "flag", "size=m"]), max_size=4, unique=True)
paths = st.sampled_from(["", "/", "/sale", "/sale/", "/a/b//", "/caf%c3%a9/", "/a/../b/", "/ümlaut"])


@given(paths, others, st.lists(st.tuples(tracking, st.integers(0, 4)), max_size=3))
def test_the_place_and_order_of_tracking_parameters_change_nothing(path, parameters, tracked):
    """The other parameters keep their order; between them, tracking may stand anywhere."""
    plain = f"https://example.com{path}?{'&'.join(parameters)}"
    mixed = list(parameters)
    for each, place in tracked:
        mixed.insert(place, each)

    assert link_key(f"HTTPS://EXAMPLE.com{path}?{'&'.join(mixed)}#part") == link_key(plain)


@given(st.one_of(st.text(), st.text(alphabet="/?#&=.:%@a1 é[]\\", max_size=30).map(lambda rest: f"https://{rest}")))
@example("https://example.com//")
@example("https://h/a/..//?#")
@example("https://h/%2f%")
@example("HTTP:// ?")
def test_the_key_of_a_key_is_the_key(text):
    assert link_key(link_key(text)) == link_key(text)


def test_one_file_is_its_own_key_and_several_have_one_together():
    files = [hashlib.sha256(bytes([number])).hexdigest() for number in range(3)]
    keys = {picture_key(order) for order in permutations(files)}

    assert picture_key([]) == ""
    assert picture_key(files[:1]) == files[0]
    assert len(keys) == 6
    assert all(len(key) == 64 for key in keys)
