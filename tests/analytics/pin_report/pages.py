"""Pins with metrics, and what the tests read off the pages."""

import csv
import io
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pins.models import PinStatus
from tests.factories import PinFactory, PinSummaryFactory

PINS = "/analytics/pins/"


def add(board, title="A chair", days_old=30, attachments=0, **columns):
    at = timezone.now() - timedelta(days=days_old)
    pin = PinFactory(board=board, title=title, status=PinStatus.PUBLISHED, publish_at=at, attachments=attachments)
    return PinSummaryFactory(pin=pin, **columns)


def unknown(board, **columns):
    nothing = dict.fromkeys(("impressions", "pin_clicks", "outbound_clicks", "saves", "reactions", "comments"))
    return add(board, **nothing | {"lifetime_at": None} | columns)


def titles(response):
    return [row.summary.pin.title for row in response.context["table"].rows]


def url_of(summary, ending="/"):
    return f"{PINS}{summary.pin.pinterest_pin_id}{ending}"


def queries_of(browser, url):
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(url)
        assert response.status_code == 200
        b"".join(response.streaming_content) if response.streaming else response.content
    return len(captured)


def rows_of(response):
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
