"""What comes along unseen with copy and paste."""

import json

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from pins.models import Pin
from pins.rules.texts import clean_link, clean_text
from tests.factories import MediaFileFactory

ZWSP, ZWNJ, ZWJ, BOM, SHY = "\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad"
LRM, RLM, LRE, PDF, RLI, PDI = "\u200e", "\u200f", "\u202a", "\u202c", "\u2067", "\u2069"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (f"{BOM}Oak chair", "Oak chair"),
        (f"Oak{ZWSP} chair{ZWSP}", "Oak chair"),
        (f"cha{SHY}ir", "chair"),
        (f"{LRE}Oak chair{PDF}", "Oak chair"),
        (f"{LRM}Oak{RLM} {RLI}chair{PDI}", "Oak chair"),
        (f"Auf{ZWNJ}lage {ZWJ}", "Auflage"),
        (f" {BOM} Oak {ZWSP} ", "Oak"),
        ("Oak\x08\x1f\x9f", "Oak"),
        ("Oak\u2060\u2063\u180e\ufff9", "Oak"),
        ("Oak\U000e0041\U000e0042\U000e007f", "Oak"),
        ("One\r\ntwo\rthree\vfour\u2028five\x85six\tseven", "One\ntwo\nthree\nfour\nfive\nsix\tseven"),
        # NUL has a sentence of its own.
        ("Oak\0", "Oak\0"),
    ],
)
def test_what_cannot_be_seen_is_taken_out(typed, meant):
    assert clean_text(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 👩🏽‍🔧 🏳️‍🌈 ❤️‍🔥 👁️‍🗨️ ⛹🏿‍♀️",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "☀︎ ☀️ ©️ 1️⃣ 🇩🇪",
        f"می{ZWNJ}خواهم ه{ZWJ}.ش",
        f"क्{ZWJ}ष क्{ZWNJ}ष ශ්{ZWJ}රී ন্{ZWJ}য",
        f"សួស្តី{ZWSP}ពិភពលោក สวัสดี{ZWSP}ชาวโลก",
        f"מחיר{RLM} 5 {LRM}(C++){RLM} {RLI}שלום{PDI}",
        "葛󠄀 ᠮᠣᠩᠭᠣᠯ\u180b",
        "Café Müller – naïve · 日本語",
    ],
)
def test_what_scripts_and_emoji_need_stays(text):
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (f"https://example.com/chair{ZWSP}", "https://example.com/chair"),
        (f"{LRE}https://example.com/chair", "https://example.com/chair"),
        (f"https://example.com/{BOM}chair", "https://example.com/chair"),
        (f"https://exam{ZWSP}ple.com/", "https://example.com/"),
        (f"https://example.com/cha{SHY}ir", "https://example.com/chair"),
        (f"https://example.com/\u200fשלום{RLM}", "https://example.com/שלום"),
        (f"https://example.com/chair{ZWNJ}", "https://example.com/chair"),
        (f"https://fa.example.org/می{ZWNJ}خواهم{ZWNJ}", f"https://fa.example.org/می{ZWNJ}خواهم"),
    ],
)
def test_a_link_is_what_can_be_seen_of_it(typed, meant):
    assert clean_link(typed) == meant


@given(st.text())
def test_cleaning_twice_changes_nothing_more(typed):
    assert clean_text(clean_text(typed)) == clean_text(typed)
    assert clean_link(clean_link(typed)) == clean_link(typed)


# The links of a report from the field: whatever way they come in, the same comes out.
DIRTY = f"{LRE}https://exam{ZWSP}ple.com/{BOM}cha{SHY}ir{ZWSP}"


@pytest.mark.django_db
def test_the_form_and_its_saving_by_itself_clean_all_texts(alice, team):
    images = [MediaFileFactory(workspace=team.workspace) for _ in range(2)]
    form = {"title": f"Oak{ZWSP}", "description": f"{BOM}By hand", "alt_text": f"A cha{SHY}ir", "link": DIRTY}
    form |= {"attachments": [image.pk for image in images], f"attachment_link-{images[0].pk}": DIRTY}
    form |= {f"attachment_title-{images[1].pk}": f"{BOM}Birch", "dominant_color": f"#FF5722{ZWSP}"}

    alice.post(reverse("pins:pin_create"), form | {"action": "draft"})
    alice.post(reverse("pins:pin_autosave_new"), form)

    for pin in Pin.objects.all():
        texts = (pin.title, pin.description, pin.alt_text, pin.link, pin.dominant_color)
        assert texts == ("Oak", "By hand", "A chair", "https://example.com/chair", "#FF5722")
        first, second = pin.attachments.all()
        assert (first.link, second.title) == ("https://example.com/chair", "Birch")
    assert Pin.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("may_2031")
def test_a_program_may_send_what_it_has_copied(program, content, picture, team):
    other = MediaFileFactory(workspace=team.workspace)
    content["attachments"] = [{"id": picture.pk, "link": DIRTY, "title": f"{BOM}Oak"}, other.pk]

    answer = program.create_pin(**content, link=DIRTY, title=f"Oak{ZWSP}", publish_at="2031-05-06T07:08:00Z")

    assert answer.status_code == 201, json.dumps(answer.json())
    pin = Pin.objects.get()
    assert (pin.link, pin.title) == ("https://example.com/chair", "Oak")
    assert (pin.attachments.first().link, pin.attachments.first().title) == ("https://example.com/chair", "Oak")


@pytest.mark.django_db
def test_the_alternative_text_of_the_library_is_cleaned_too(alice, picture):
    alice.post(reverse("pins:media_detail", args=[picture.pk]), {"alt_text": f"{BOM}A cha{SHY}ir"})

    picture.refresh_from_db()
    assert picture.alt_text == "A chair"
