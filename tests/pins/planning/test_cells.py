"""What a move answers to the calendar's script: the cells that have changed."""

import re
from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from pins.models import Pin, PinStatus
from tests.factories import PinFactory

CHANGED = re.compile(r'hx-swap-oob="innerHTML:(.*?)"')
STATUS = "[data-calendar-status]"


@pytest.fixture(autouse=True)
def berlin(team):
    """The team's workspace in Berlin, on Monday 1 March 2027 at noon."""
    team.workspace.time_zone = "Europe/Berlin"
    team.workspace.save()
    with time_machine.travel(datetime(2027, 3, 1, 11, 0, tzinfo=UTC), tick=False):
        yield team


def planned(team, at=None, **fields):
    moment = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Europe/Berlin")) if at else None
    return PinFactory(**({"board": team.board, "publish_at": moment, "status": PinStatus.SCHEDULED} | fields))


def move(client, pin, to, calendar="/calendar/", **more):
    return client.post(
        f"{reverse('pins:pin_move', args=[pin.pk])}?next={quote(calendar, safe='')}",
        {"publish_at": to, "version": pin.version} | more,
        headers={"X-Requested-With": "XMLHttpRequest"},
    )


def changed(response):
    return CHANGED.findall(response.content.decode())


def month_day(on):
    return f".month__day[data-day='{on}']"


def hour(on, at):
    return f"[data-day='{on}'][data-time='{at}']"


def test_of_a_month_the_two_days_are_sent_with_the_sentence_and_the_toast(alice, team):
    pin, other = planned(team, "2027-03-05 09:30"), planned(team, "2027-03-09 09:30")

    response = move(alice, pin, "2027-03-12T09:30")

    page = response.content.decode()
    assert changed(response) == [STATUS, month_day("2027-03-05"), month_day("2027-03-12")]
    assert f"“{pin}” moved to Friday 12 March, 09:30." in page
    assert f'id="chip-{pin.pk}"' in page
    assert f'data-version="{Pin.objects.get(pk=pin.pk).version}"' in page
    assert f'id="chip-{other.pk}"' not in page
    assert 'class="toast__undo"' in page


@pytest.mark.parametrize("view", ["week", "day"])
def test_of_hours_the_head_of_the_day_and_all_its_hours_are_sent(alice, team, view):
    """Those without a pin, too: another member may have moved one out of them since the page was shown."""
    pin = planned(team, "2027-03-05 09:30")

    response = move(alice, pin, "2027-03-05T14:00", f"/calendar/?view={view}&on=2027-03-05")

    day = "2027-03-05"
    assert changed(response) == [STATUS, f"#head-{day}", *(hour(day, f"{at:02}:00") for at in range(24))]
    assert "New pin on Friday 5 March, 9:00" in response.content.decode()


def test_days_whose_warnings_come_or_go_with_the_pin_are_sent_along(alice, team):
    link = "https://example.com/chairs"
    pin = planned(team, "2027-03-05 09:30", link=link, link_key=link)
    planned(team, "2027-03-06 09:30", link=link, link_key=link)
    planned(team, "2027-03-08 23:45")

    response = move(alice, pin, "2027-03-09T00:15")

    days = ["2027-03-04", "2027-03-05", "2027-03-06", "2027-03-08", "2027-03-09"]
    assert set(changed(response)) >= {month_day(day) for day in days[1:]}
    assert month_day("2027-03-12") not in changed(response)


def test_a_draft_that_leaves_the_tray_takes_its_card_along(alice, team):
    pin, other = (planned(team, status=PinStatus.DRAFT, title=title) for title in ("Placed", "Waiting"))

    response = move(alice, pin, "2027-03-05T09:30", "/calendar/?view=week")

    tray = response.content.decode().split('hx-swap-oob="innerHTML:.tray"')[1].split("#head-")[0]
    assert other.title in tray
    assert pin.title not in tray


@pytest.mark.parametrize(
    ("before", "to", "calendar"),
    [
        ("2027-03-05 09:30", "2027-03-06T09:30", "/calendar/?view=list"),
        ("2027-03-05 09:30", "2027-03-05T05:00", "/calendar/?view=day&on=2027-03-05"),
        (None, "2027-03-05T09:30", "/calendar/?view=week"),
        ("2027-03-05 09:30", "2027-03-06T09:30", "/queue/"),
    ],
    ids=["a list", "folded hours", "an empty tray", "another page"],
)
def test_where_more_than_cells_has_changed_only_the_sentence_is_sent(alice, team, before, to, calendar):
    pin = planned(team, before, status=PinStatus.SCHEDULED if before else PinStatus.DRAFT)

    response = move(alice, pin, to, calendar)

    assert response["Content-Type"] == "text/plain"
    assert response.content.decode().startswith(f"“{pin}” moved to ")


def test_a_tray_that_comes_back_is_more_than_cells(alice, team):
    pin = planned(team, "2027-03-05 09:30", status=PinStatus.DRAFT)

    response = move(alice, pin, "", no_date="1")

    assert (response.status_code, response["Content-Type"]) == (200, "text/plain")


def test_the_cells_are_those_of_the_filters(alice, team):
    pin, hidden = planned(team, "2027-03-05 09:30", title="Oak"), planned(team, "2027-03-05 10:30", title="Pine")

    page = move(alice, pin, "2027-03-05T11:30", "/calendar/?q=Oak").content.decode()

    assert f'id="chip-{pin.pk}"' in page
    assert f'id="chip-{hidden.pk}"' not in page
