"""What tests of the queue have in common: a Monday at noon in Berlin, and publishing times."""

from datetime import UTC, datetime, time

from pins.models import PublishingTime

# A Monday, 12:00 in Berlin.
NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
MONDAY, TUESDAY, SUNDAY = 0, 1, 6


def add_times(account, *times, weekdays=range(7)):
    PublishingTime.objects.bulk_create(
        PublishingTime(account=account, weekday=weekday, time=time.fromisoformat(at))
        for weekday in weekdays
        for at in times
    )


def local(account, moments):
    """The moments as people of the account's workspace see them."""
    return [f"{moment.astimezone(account.workspace.zone):%a %d %b %H:%M}" for moment in moments]
