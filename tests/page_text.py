"""What a page says, for assertions on its sentences."""

import re
from html import unescape

from django.http import HttpResponse

OPENING = re.compile(r"(<(?:a|button|dd|h[1-6]|li|option|p|td|th)\b[^>]*>) ")


def page_text(response: HttpResponse) -> str:
    """Return the page with one space where its template has a line break, and none inside the ends of an element."""
    content = re.sub(r"[ \n]+", " ", unescape(response.content.decode()))
    return OPENING.sub(r"\1", content).replace(" </", "</")


def text(response: HttpResponse) -> str:
    """Return the page_text() of a page that is shown."""
    assert response.status_code == 200
    return page_text(response)


def said(response: HttpResponse) -> list[tuple[str, str]]:
    """Return the messages that this or the next page shows, as (level, sentence)."""
    return [(message.level_tag, str(message)) for message in response.wsgi_request._messages]
