"""The status of a pin in words."""

from django import template

from pins.models import PinStatus

register = template.Library()


@register.filter
def status_label(status: str) -> str:
    """Return the label of the status."""
    return PinStatus(status).label
