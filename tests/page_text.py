"""The HTML of a page for assertions on its sentences."""

import re
from html import unescape

from django.http import HttpResponse


def page_text(response: HttpResponse) -> str:
    """Return the page with one space where its template has a line break, and none before a closing tag."""
    return re.sub(r"[ \n]+", " ", unescape(response.content.decode())).replace(" </", "</")
