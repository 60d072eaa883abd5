"""What is possible but probably not meant: it is asked once, and done when the same comes back confirmed.

The composer and the pin's page repeat the request with `?confirm=<code>`, programs with `"confirm": ["<code>"]`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.http import HttpRequest

from .composition import Problem


class ConfirmationNeeded(Exception):
    """Questions to be confirmed before something is done.

    Nothing was written: the transaction that it leaves takes everything back. The same with the codes of all
    `questions` confirmed is done.
    """

    def __init__(self, questions: Sequence[Problem]) -> None:
        super().__init__(*(question.code for question in questions))
        self.questions = questions


def ask(questions: Sequence[Problem], confirmed: Collection[str]) -> None:
    """Raise ConfirmationNeeded unless the code of each question is among `confirmed`."""
    if any(question.code not in confirmed for question in questions):
        raise ConfirmationNeeded(questions)


def asked(request: HttpRequest, needed: ConfirmationNeeded) -> dict[str, Any]:
    """Return what templates/pins/_questions.html shows.

    The questions, and the query of the button that confirms them beside all that was confirmed before.
    """
    query = request.GET.copy()
    query.setlist("confirm", list(dict.fromkeys([*confirmed_in(request), *needed.args])))
    return {"questions": needed.questions, "codes": needed.args, "confirm_query": query.urlencode()}


def confirmed_in(request: HttpRequest) -> list[str]:
    """Return the codes that the button of a page has confirmed."""
    return request.GET.getlist("confirm")
