"""What _messages.html asks of a message."""

from django import template
from django.contrib.messages.storage.base import Message

from postiz_pins.common import undo

register = template.Library()


@register.filter
def undo_of(message: Message) -> undo.Undo | None:
    """Return the button that undoes what the message tells, or None."""
    return undo.undo_of(message)
