"""Links into the help page."""

from django import template
from django.urls import reverse

from pins.errors.lookup import failure_in_short, help_anchor

register = template.Library()

register.filter(failure_in_short)


@register.simple_tag
def help_url(code: str) -> str:
    """Return the address of the place on the help page about this code."""
    return f"{reverse('pins:help')}#{help_anchor(code)}"
