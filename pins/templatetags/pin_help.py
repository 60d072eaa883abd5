"""Links into the help page."""

from django import template
from django.urls import reverse

from pins.errors.lookup import help_anchor

register = template.Library()


@register.simple_tag
def help_url(code: str) -> str:
    """The address of the place on the help page that tells more about this code."""
    return f"{reverse('pins:help')}#{help_anchor(code)}"
