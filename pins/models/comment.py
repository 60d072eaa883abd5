"""What the members of a workspace tell each other about a pin."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import ScopedQuerySet

from .pin import Pin

COMMENT_LENGTH = 2000


class PinCommentQuerySet(ScopedQuerySet):
    """The comments on pins."""

    workspace_path = "pin__workspace"


class PinComment(models.Model):
    """A comment of a member on a pin, in plain text. It is never changed, only deleted by its author."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="comments")
    # NULL: that person's account is gone.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=COMMENT_LENGTH)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PinCommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.author or 'A former member'} on {self.pin}"
