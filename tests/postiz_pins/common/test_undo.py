"""Messages that offer to undo what they tell: a form of their own, as it is on the page."""

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import MessageDecoder, MessageEncoder
from django.contrib.messages.storage.fallback import FallbackStorage
from django.template.loader import render_to_string
from django.test import RequestFactory

from postiz_pins.common.undo import success_with_undo


@pytest.fixture
def with_messages():
    request = RequestFactory().get("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


def shown(request):
    """The messages as the next page shows them: stored, and read back."""
    stored = MessageEncoder().encode(request._messages._queued_messages)
    return render_to_string("_messages.html", {"messages": MessageDecoder().decode(stored), "csrf_token": "a-token"})


def test_a_success_with_undo_is_a_form_with_its_fields_and_the_token(with_messages):
    success_with_undo(with_messages, "Moved to Friday.", "/pins/7/move/", {"version": 3, "publish_at": '"quoted"'})

    page = shown(with_messages)

    assert '<form method="post" action="/pins/7/move/">' in page
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="a-token">' in page
    assert '<input type="hidden" name="version" value="3">' in page
    assert '<input type="hidden" name="publish_at" value="&quot;quoted&quot;">' in page
    assert "Undo</button>" in page


def test_an_ordinary_success_has_no_form(with_messages):
    messages.success(with_messages, "Saved.")

    page = shown(with_messages)

    assert "toast" in page
    assert "<form" not in page


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_what_did_not_succeed_is_a_banner(with_messages, level):
    getattr(messages, level)(with_messages, "The pin is on hold.")

    page = shown(with_messages)

    assert f'<p class="message message--{level}"' in page
    assert "data-toast" not in page
