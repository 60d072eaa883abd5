"""Pages with a bookmark. It holds the place of the last item, so what is added meanwhile shifts nothing."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from .errors import invalid

DEFAULT_PAGE_SIZE = 25
MAX_PAGE_SIZE = 250


def page_size(request: HttpRequest) -> int:
    """Return the requested size of a page.

    Raises ApiError for one out of range.
    """
    text = request.GET.get("page_size", str(DEFAULT_PAGE_SIZE))
    if not text.isdecimal() or not 1 <= int(text) <= MAX_PAGE_SIZE:
        raise invalid(f"Invalid request: page_size {text!r:.40} is not between 1 and {MAX_PAGE_SIZE}.")
    return int(text)


def place(request: HttpRequest, length: int) -> list[float] | None:
    """Return the numbers in the bookmark; None at the first page."""
    bookmark = request.GET.get("bookmark")
    if not bookmark:
        return None
    try:
        numbers = json.loads(base64.urlsafe_b64decode(bookmark))
    except ValueError:
        raise invalid("Invalid request: the bookmark is not valid.") from None
    if (
        not isinstance(numbers, list)
        or len(numbers) != length
        or not all(isinstance(number, int | float) for number in numbers)
    ):
        raise invalid("Invalid request: the bookmark is not valid.")
    return numbers


def page(items: Sequence[Any], next_place: Sequence[float] | None) -> dict[str, Any]:
    """Return a page in Pinterest's form; without `next_place` it is the last one, whose bookmark is null."""
    bookmark = None
    if next_place is not None:
        bookmark = base64.urlsafe_b64encode(json.dumps(list(next_place)).encode()).decode()
    return {"items": list(items), "bookmark": bookmark}
