"""What the list offers to do with the pins that are ticked; pins/bulk/ does it."""

from __future__ import annotations

from typing import NamedTuple


class SelectionAction(NamedTuple):
    """A choice of the bar above the list."""

    name: str
    # With three dots if something is asked first.
    label: str
    is_for_publishers: bool = False


SELECTION_ACTIONS = (
    SelectionAction("shift", "Shift times…"),
    SelectionAction("board", "Set board…"),
    SelectionAction("queue", "Add to queue…"),
    SelectionAction("spread", "Spread over days…"),
    SelectionAction("times", "Schedule at their times"),
    SelectionAction("preset", "Apply link preset…"),
    SelectionAction("tags", "Add tags…"),
    SelectionAction("draft", "Make drafts"),
    SelectionAction("propose", "Propose for approval"),
    SelectionAction("approve", "Approve", is_for_publishers=True),
    SelectionAction("send_back", "Send back…", is_for_publishers=True),
    SelectionAction("delete", "Delete"),
)
# It changes nothing, so it leads to the page of exports.
EXPORT = SelectionAction("export", "Export…")


def offered_actions(*, can_publish: bool) -> list[SelectionAction]:
    """Return the choices of a user who may publish without an approval, or may not."""
    offered = [action for action in SELECTION_ACTIONS if can_publish or not action.is_for_publishers]
    return [*offered, EXPORT]
