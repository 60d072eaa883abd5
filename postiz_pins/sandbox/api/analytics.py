"""The analytics endpoints, with Pinterest's limits and gaps: 90 days back, newest days unfinished."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, JsonResponse

from postiz_pins.sandbox import state
from postiz_pins.sandbox.figures import (
    COUNTS,
    DAY_SECONDS,
    AccountHistory,
    Day,
    account_day,
    comments_and_reactions,
    day_of,
    is_estimate,
    latest_day,
    pin_day,
    pin_total,
)

from .errors import ApiError, invalid
from .operations import Caller, operation
from .pins import owned_pin

DAYS_BACK = 90
RATES = {f"{name}_RATE": name for name in COUNTS if name != "IMPRESSION"}
ACCOUNT_METRICS = (*COUNTS, *RATES)
VIDEO_METRICS = (
    "VIDEO_MRC_VIEW",
    "VIDEO_10S_VIEW",
    "QUARTILE_95_PERCENT_VIEW",
    "VIDEO_V50_WATCH_TIME",
    "VIDEO_START",
    "VIDEO_AVG_WATCH_TIME",
)
LIFETIME_ONLY = ("TOTAL_COMMENTS", "TOTAL_REACTIONS")
# Accepted, and never reported: a made-up audience neither watches nor follows.
UNREPORTED = ("USER_FOLLOW", "PROFILE_VISIT", *VIDEO_METRICS)
PIN_METRICS = ("IMPRESSION", "OUTBOUND_CLICK", "PIN_CLICK", "SAVE", "SAVE_RATE", *LIFETIME_ONLY, *UNREPORTED)
SORTS = COUNTS


def requested_span(request: HttpRequest) -> tuple[date, date]:
    """Return the first and the last day of the request.

    Raises Pinterest's refusal if they leave the last 90 days.
    """
    try:
        start_on = date.fromisoformat(request.GET.get("start_date", ""))
        end_on = date.fromisoformat(request.GET.get("end_date", ""))
    except ValueError:
        raise invalid("Invalid request: start_date and end_date are required as YYYY-MM-DD.") from None
    if start_on < day_of(state.now()) - timedelta(days=DAYS_BACK):
        raise invalid(f"Invalid request: start_date cannot be more than {DAYS_BACK} days back from today.")
    if end_on > start_on + timedelta(days=DAYS_BACK):
        raise invalid(f"Invalid request: end_date cannot be more than {DAYS_BACK} days past start_date.")
    if end_on < start_on:
        raise invalid("Invalid request: end_date is before start_date.")
    return start_on, end_on


def requested_metrics(request: HttpRequest, known: tuple[str, ...], *, required: bool) -> list[str]:
    """Return the names in `metric_types`.

    Raises Pinterest's refusal for an unknown one.
    """
    text = request.GET.get("metric_types", "")
    if not text and not required:
        return list(known)
    wanted = text.split(",")
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise invalid(f"Invalid request: metric_types {unknown[0]!r:.60} is not one of {list(known)}.")
    return wanted


def refuse_splits(request: HttpRequest) -> None:
    """Raise ApiError for a `split_field`, which the sandbox does not have."""
    if request.GET.get("split_field", "NO_SPLIT") != "NO_SPLIT":
        raise invalid("Invalid request: the sandbox answers with split_field NO_SPLIT only.")


def chosen(day: Day, metrics: list[str]) -> dict[str, float]:
    """Return the requested counts and rates; a rate is a fraction of the impressions."""
    shown: dict[str, float] = {}
    for name in metrics:
        if name in day:
            shown[name] = day[name]
        elif name in RATES:
            shown[name] = day[RATES[name]] / day["IMPRESSION"] if day["IMPRESSION"] else 0
    return shown


def refuse_personal(db: sqlite3.Connection, caller: Caller) -> None:
    """Raise ApiError for a personal account: Pinterest keeps figures for business accounts only."""
    if not state.is_business(db, caller.account_id):
        raise ApiError(
            403,
            29,
            "You are not permitted to access that resource. Analytics need a business account:"
            " convert this account to a Pinterest business account first.",
        )


def report(
    start_on: date,
    end_on: date,
    metrics: list[str],
    values: Callable[[date, float], Day],
    created_on: date,
    status_before: str,
) -> dict[str, Any]:
    """Return the daily and the summary metrics, with the status of each day."""
    now = state.now()
    latest = latest_day(now)
    days = []
    total = dict.fromkeys(COUNTS, 0)
    for offset in range((end_on - start_on).days + 1):
        day = start_on + timedelta(days=offset)
        status, shown = "READY", {}
        if day < created_on:
            status = status_before
        elif day > latest:
            status = "PROCESSING"
        else:
            if is_estimate(day, now):
                status = "ESTIMATE"
            counted = values(day, now)
            shown = chosen(counted, metrics)
            for name in COUNTS:
                total[name] += counted[name]
        days.append({"date": day.isoformat(), "data_status": status, "metrics": shown})
    return {"daily_metrics": days, "summary_metrics": chosen(total, metrics)}


def made_strange(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that no description foresees.

    It has an unknown metric, a new status, a number beyond 2^31, and a day twice.
    """
    days = answer["daily_metrics"]
    known_days = [day for day in days if day["metrics"]]
    for day in known_days:
        day["metrics"] = {**day["metrics"], "SPARKLE": 3.5}
    if known_days:
        known_days[-1]["data_status"] = "RECOUNTED"
        known_days[-1]["metrics"]["SAVE"] = 2**31 + 7
        days.insert(0, {**known_days[0], "metrics": {**known_days[0]["metrics"], "IMPRESSION": 1}})
    return answer


def answered(report: dict[str, Any]) -> dict[str, Any]:
    """Return the report as Pinterest sends it, made strange with the option `strange_analytics`."""
    with state.store.transaction() as db:
        is_strange = state.option(db, "strange_analytics", 0)
    return {"all": made_strange(report) if is_strange else report}


@operation("user_account/analytics", "user_accounts:read")
def account_analytics(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer GET /user_account/analytics."""
    start_on, end_on = requested_span(request)
    metrics = requested_metrics(request, ACCOUNT_METRICS, required=False)
    refuse_splits(request)
    with state.store.transaction() as db:
        refuse_personal(db, caller)
        history = account_history(db, caller.account_id)

    def values(day: date, now: float) -> Day:
        return account_day(history, day, now)

    return JsonResponse(
        answered(report(start_on, end_on, metrics, values, history.created_on, "BEFORE_BUSINESS_CREATED"))
    )


def account_history(db: sqlite3.Connection, account_id: str) -> AccountHistory:
    """Return what an account's figures are computed from."""
    account = db.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()
    pins = db.execute("SELECT id, created_at FROM pins WHERE account_id = ? ORDER BY seq", (account_id,))
    return AccountHistory(
        account_id,
        account["monthly_views"],
        day_of(account["created_at"]),
        tuple((pin["id"], day_of(pin["created_at"]).toordinal()) for pin in pins),
    )


def pin_report(pin: sqlite3.Row, start_on: date, end_on: date, metrics: list[str]) -> dict[str, Any]:
    """Return the report of one pin."""
    created_on = day_of(pin["created_at"])

    def values(day: date, now: float) -> Day:
        return pin_day(pin["id"], created_on, day, now)

    answer = report(start_on, end_on, metrics, values, created_on, "BEFORE_PIN_CREATED")
    comments, reactions = comments_and_reactions(pin["id"], created_on, latest_day(state.now()))
    # Whatever was asked for, Pinterest's lifetime_metrics hold only these two here.
    answer["lifetime_metrics"] = {"TOTAL_COMMENTS": comments, "TOTAL_REACTIONS": reactions}
    return answered(answer)


@operation("pins/analytics", "boards:read", "pins:read")
def pin_analytics(request: HttpRequest, caller: Caller, pin_id: str) -> JsonResponse:
    """Answer GET /pins/{pin_id}/analytics."""
    start_on, end_on = requested_span(request)
    metrics = requested_metrics(request, PIN_METRICS, required=True)
    refuse_splits(request)
    with state.store.transaction() as db:
        refuse_personal(db, caller)
        pin = owned_pin(db, caller, pin_id)
    return JsonResponse(pin_report(pin, start_on, end_on, metrics))


@operation("multi_pins/analytics", "boards:read", "pins:read")
def multi_pin_analytics(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer GET /pins/analytics.

    In beta at Pinterest and refused to most apps, so refused here until POST /sandbox/options allows it.
    """
    with state.store.transaction() as db:
        refuse_personal(db, caller)
        if not state.option(db, "multi_pin_analytics", 0):
            raise ApiError(403, 29, "You are not permitted to access that resource.")
    pin_ids = request.GET.getlist("pin_ids")
    if not 1 <= len(pin_ids) <= 100 or not all(pin_id.isdecimal() for pin_id in pin_ids):
        raise invalid("Invalid request: pin_ids takes 1 to 100 ids of digits.")
    start_on, end_on = requested_span(request)
    metrics = requested_metrics(request, PIN_METRICS, required=True)
    with state.store.transaction() as db:
        pins = [owned_pin(db, caller, pin_id) for pin_id in pin_ids]
    return JsonResponse({pin["id"]: pin_report(pin, start_on, end_on, metrics) for pin in pins})


@operation("user_account/analytics/top_pins", "pins:read", "user_accounts:read")
def top_pins(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer GET /user_account/analytics/top_pins."""
    start_on, end_on = requested_span(request)
    metrics = requested_metrics(request, ACCOUNT_METRICS, required=False)
    sort_by = request.GET.get("sort_by", "")
    if sort_by not in SORTS:
        raise invalid(f"Invalid request: sort_by {sort_by!r:.60} is not one of {list(SORTS)}.")
    number = request.GET.get("num_of_pins", "10")
    if not number.isdecimal() or not 1 <= int(number) <= 50:
        raise invalid("Invalid request: num_of_pins is not between 1 and 50.")
    now = state.now()
    oldest = 0.0
    if request.GET.get("created_in_last_n_days"):
        oldest = now - 30 * DAY_SECONDS
    with state.store.transaction() as db:
        refuse_personal(db, caller)
        pins = db.execute(
            "SELECT id, created_at FROM pins WHERE account_id = ? AND created_at >= ?"
            " AND board_id NOT IN (SELECT id FROM boards WHERE privacy = 'SECRET')",
            (caller.account_id, oldest),
        ).fetchall()
    latest = latest_day(now)
    totals = {pin["id"]: pin_total(pin["id"], day_of(pin["created_at"]), start_on, min(end_on, latest)) for pin in pins}
    best = sorted(totals, key=lambda pin_id: totals[pin_id][sort_by], reverse=True)[: int(number)]
    latest_at = datetime.combine(latest, time.min, UTC).timestamp()
    return JsonResponse(
        {
            "date_availability": {"latest_available_timestamp": latest_at * 1_000, "is_realtime": False},
            "sort_by": sort_by,
            "pins": [
                {
                    "pin_id": pin_id,
                    "metrics": chosen(totals[pin_id], metrics),
                    "data_status": dict.fromkeys(metrics, "READY"),
                }
                for pin_id in best
            ],
        }
    )
