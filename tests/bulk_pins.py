"""Hundreds of thousands of pins by one statement of PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from accounts.models import Board
from pins.models import Pin, PinStatus

from .factories import PinFactory

PUBLISH_AT = "moment.publish_at"


def fill(boards: Sequence[Board], *, published: int, scheduled: int, due: int) -> None:
    """Pins spread over the boards: published ones, and `scheduled` ones of which `due` are due since ten minutes,
    and the others in the weeks to come, in no order.
    """
    now = timezone.now()
    gone = PinFactory(board=boards[0], status=PinStatus.PUBLISHED, attachments=0)
    columns = {
        "publish_at": _moment(now, -700 * 86400, -86400),
        "published_at": PUBLISH_AT,
        "pinterest_pin_id": "(1000000000000000 + number)::text",
    }
    copy(gone, boards, published - 1, **columns)
    now = timezone.now()  # the published ones may have taken minutes
    waiting = PinFactory(board=boards[0], publish_at=now - timedelta(minutes=1), attachments=0)
    copy(waiting, boards, due - 1, publish_at=_moment(now, -600, 0), next_attempt_at=PUBLISH_AT)
    ahead = {"publish_at": _moment(now, 600, 30 * 86400), "next_attempt_at": PUBLISH_AT}
    copy(waiting, boards, scheduled - due, **ahead, preflight_at=f"{PUBLISH_AT} - interval '10 minutes'")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copy(pin: Pin, boards: Sequence[Board], count: int, **columns: str) -> None:
    """Adds `count` pins like this one, each on one of the boards; `columns` are expressions of PostgreSQL that may
    contain the `number` of the copy and PUBLISH_AT.
    """
    place = f"[1 + number %% {len(boards)}]"
    columns = {
        "board_id": f"(ARRAY{[board.pk for board in boards]}){place}",
        "account_id": f"(ARRAY{[board.account_id for board in boards]}){place}",
        "workspace_id": f"(ARRAY{[board.account.workspace_id for board in boards]}){place}",
        **columns,
    }
    moment = columns.pop("publish_at", "pin.publish_at")
    names = [field.column for field in Pin._meta.concrete_fields if not field.primary_key]
    values = [PUBLISH_AT if name == "publish_at" else columns.get(name, f"pin.{name}") for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO pins_pin ({', '.join(names)}) SELECT {', '.join(values)} "  # noqa: S608  all of it is ours
            f"FROM pins_pin pin, generate_series(1, %s) number, LATERAL (SELECT {moment} AS publish_at) moment "
            "WHERE pin.id = %s",
            [count, pin.pk],
        )


def _moment(now: datetime, first_seconds: int, last_seconds: int) -> str:
    """A moment between the two, counted from `now`: another one for each `number`, in no order.

    It names the number since PostgreSQL asks a subquery that depends on no row, `random()` included, only once.
    """
    span = (last_seconds - first_seconds) * 1000
    scattered = f"{first_seconds * 1000} + number::bigint * 7919 * 104729 % {span}"
    return f"'{now.isoformat()}'::timestamptz + interval '1 millisecond' * ({scattered.replace('%', '%%')})"
