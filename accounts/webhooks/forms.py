"""The form of a webhook."""

from __future__ import annotations

import uuid
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from accounts.models import WebhookEndpoint, WebhookEvent, Workspace
from accounts.models.webhooks import URL_LENGTH, WebhookEndpointQuerySet
from postiz_pins.common.text import strip_nul
from postiz_pins.http.safe_http import is_public

MOST_ENDPOINTS = 20
NOT_A_URL = "Enter a full URL, such as https://example.com/webhooks."
PRIVATE = "This address isn't public. Webhooks are sent to public addresses only."
TOLD = [(event.value, event.label) for event in WebhookEvent if event is not WebhookEvent.TEST]


class WebhookForm(forms.Form):
    """Where events are sent, and which."""

    # Before the URL, whose check asks for it.
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    url = forms.CharField(
        max_length=URL_LENGTH,
        label="URL",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text="Where your program receives events, such as https://example.com/webhooks.",
    )
    events = forms.MultipleChoiceField(
        choices=TOLD,
        widget=forms.CheckboxSelectMultiple,
        label="Events",
        error_messages={"required": "Choose at least one."},
    )

    def __init__(
        self, data: Any = None, *, workspace: Workspace, endpoint: WebhookEndpoint | None = None, **kwargs: Any
    ) -> None:
        if endpoint is not None:
            kwargs["initial"] = {"url": endpoint.url, "events": endpoint.events}
        super().__init__(data, **kwargs)
        self.workspace, self.endpoint = workspace, endpoint
        if endpoint is not None:
            del self.fields["form_token"]

    @property
    def others(self) -> WebhookEndpointQuerySet:
        """Return the webhooks of the workspace but this one, which the form may have added before (a double click)."""
        others = WebhookEndpoint.objects.in_workspace(self.workspace)
        if self.endpoint is not None:
            return others.exclude(pk=self.endpoint.pk)
        token, url = self.cleaned_data.get("form_token"), self.cleaned_data.get("url")
        return others.exclude(form_token=token, url=url) if token else others

    def clean_url(self) -> str:
        """Return the URL if events may be sent to it; where its name leads is decided when they are."""
        url = strip_nul(self.cleaned_data["url"])
        try:
            URLValidator(schemes=["http", "https"])(url)
            parts = urlsplit(url)
            host = (parts.hostname or "").rstrip(".")
        except (ValidationError, ValueError):
            raise ValidationError(NOT_A_URL, code="url_invalid") from None
        if parts.username is not None or parts.password is not None:
            raise ValidationError("Leave the user name and password out of the URL.", code="url_credentials")
        if parts.fragment:
            raise ValidationError("Leave out the “#” and what follows it.", code="url_fragment")
        if not settings.ALLOW_PRIVATE_WEBHOOKS:
            if parts.scheme != "https":
                raise ValidationError("Use a URL that starts with https://.", code="url_not_https")
            if _is_private(host):
                raise ValidationError(PRIVATE, code="url_private")
        self.cleaned_data["url"] = url
        if self.others.filter(url=url).exists():
            raise ValidationError("There is already a webhook with this URL.", code="url_taken")
        return url

    def clean(self) -> dict[str, Any] | None:
        """Refuse one more than a workspace may have."""
        cleaned = super().clean()
        if self.endpoint is None and self.others.count() >= MOST_ENDPOINTS:
            message = f"A workspace can have {MOST_ENDPOINTS} webhooks. Delete one first."
            raise ValidationError(message, code="too_many_webhooks")
        return cleaned


class RotateForm(forms.Form):
    """The button that rotates a secret. A second click must not replace the secret that receivers still know."""

    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)


def _is_private(host: str) -> bool:
    """Return whether the host is this machine or a private address, as far as its text says."""
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
