"""The log has one line for each pin that is published or has failed."""

import logging

import pytest

from pins.models import PinStatus
from pins.publishing import outcomes
from pins.publishing.outcomes import BACKOFF
from tests.pins.worker_helpers import advance


def outcome_lines(caplog):
    return [record for record in caplog.records if record.name == outcomes.__name__]


@pytest.mark.django_db
def test_a_published_pin_is_one_line_with_ids_only(shop, caplog):
    pin = shop.pin(title="A secret title", attempts=1)

    with caplog.at_level(logging.INFO):
        assert advance(pin).status == PinStatus.PUBLISHED

    (record,) = outcome_lines(caplog)
    ids = (record.pin, record.workspace, record.account, record.outcome, record.attempt)
    assert ids == (pin.pk, pin.workspace_id, pin.account_id, "published", 2)
    assert 0 <= record.ms < 60_000
    assert "A secret title" not in caplog.text
    assert shop.account.username not in record.getMessage()


@pytest.mark.django_db
def test_a_pin_that_fails_for_good_is_one_line_with_its_code(shop, caplog):
    pin = shop.pin(attempts=len(BACKOFF), attachments=0)

    with caplog.at_level(logging.INFO):
        failed = advance(pin)

    (record,) = outcome_lines(caplog)
    assert failed.status == PinStatus.FAILED
    assert (record.outcome, record.error_code) == ("failed", failed.error_code)


@pytest.mark.django_db
def test_a_pin_that_is_tried_again_is_no_line(shop, settings, caplog):
    settings.PINTEREST_API_URL = "http://127.0.0.1:9/v5"
    pin = shop.pin()

    with caplog.at_level(logging.INFO):
        assert advance(pin).status == PinStatus.SCHEDULED

    assert outcome_lines(caplog) == []
