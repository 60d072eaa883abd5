"""The publishing times of an account: added, copied, deleted. Whatever changes, no pin moves by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, time

from accounts.audit import services as audit
from accounts.models import AuditAction, PinterestAccount, User, Weekday
from pins.models import PublishingTime

from .services import locked_account

# Far more than a team should publish: every quarter of an hour from eight to ten.
MOST_TIMES = 400

# What is offered to an account that has no times yet; evenings do well with most, and a person may change all of it.
PRESETS: dict[str, tuple[str, tuple[time, ...]]] = {
    "three": ("3 a day", (time(9), time(14), time(20))),
    "five": ("5 a day", (time(8), time(11, 30), time(14), time(17, 30), time(20, 30))),
}


class TooManyTimes(Exception):
    """Nothing was added: the account would have more than MOST_TIMES."""


def add(account: PinterestAccount, times: Iterable[tuple[int, time]], *, by: User, now: datetime) -> int:
    """Add these weekdays and times to those of the account, and return how many of them are new.

    Raises TooManyTimes.
    """
    with locked_account(account):
        present = set(account.publishing_times.values_list("weekday", "time"))
        missing = sorted(set(times) - present)
        if len(present) + len(missing) > MOST_TIMES:
            raise TooManyTimes(f"An account can have up to {MOST_TIMES} publishing times. Delete some first.")
        PublishingTime.objects.bulk_create(
            PublishingTime(account=account, weekday=weekday, time=at) for weekday, at in missing
        )
        if missing:
            _record(account, f"Publishing times added: {_listed(missing)}.", by=by, now=now)
    return len(missing)


def copy_day(account: PinterestAccount, weekday: int, to: Collection[int], *, by: User, now: datetime) -> int:
    """Add the times of one day of the week to other days, and return how many are new. Raises TooManyTimes."""
    times = account.publishing_times.filter(weekday=weekday).values_list("time", flat=True)
    return add(account, [(day, at) for day in to for at in times], by=by, now=now)


def apply_preset(account: PinterestAccount, name: str, *, by: User, now: datetime) -> int:
    """Add the times of a preset to every day, and return how many are new. Raises TooManyTimes."""
    _, times = PRESETS[name]
    return add(account, [(day, at) for day in Weekday.values for at in times], by=by, now=now)


def delete(account: PinterestAccount, pk: int | None, *, by: User, now: datetime) -> bool:
    """Delete a time of the account. False: it was deleted before, which is no error."""
    with locked_account(account):
        publishing_time = account.publishing_times.filter(pk=pk).first() if pk is not None else None
        if publishing_time is None:
            return False
        publishing_time.delete()
        _record(account, f"Publishing time deleted: {publishing_time}.", by=by, now=now)
    return True


def change_limits(
    account: PinterestAccount, *, pins_per_day: int | None, least_gap_minutes: int, by: User, now: datetime
) -> bool:
    """Write how many pins a day the queue plans and how far apart. False: it was so already."""
    wanted = {"pins_per_day": pins_per_day, "least_gap_minutes": least_gap_minutes}
    with locked_account(account) as fresh:
        if all(getattr(fresh, name) == value for name, value in wanted.items()):
            return False
        PinterestAccount.objects.filter(pk=account.pk).update(**wanted)
        most = "no limit" if pins_per_day is None else f"up to {pins_per_day}"
        _record(account, f"Queue: {most} a day, {least_gap_minutes} minutes apart.", by=by, now=now)
    return True


def _record(account: PinterestAccount, detail: str, *, by: User, now: datetime) -> None:
    audit.record(account.workspace_id, AuditAction.SETTINGS_CHANGED, str(account), by=by, now=now, detail=detail)


def _listed(times: Collection[tuple[int, time]]) -> str:
    return ", ".join(f"{Weekday(weekday).label[:3]} {at:%H:%M}" for weekday, at in times)
