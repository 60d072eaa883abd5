"""Pins that were made together: one image for several boards, or several images for one link."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import ScopedQuerySet, Workspace

# As many as Pinterest advises boards for one image, and so many days apart.
MOST_MEMBERS = 10
MOST_DAYS_BETWEEN = 90
USUAL_DAYS_BETWEEN = 7


class FamilyKind(models.TextChoices):
    """What the pins of a family have in common."""

    BOARDS = "boards", "One image, several boards"
    VARIATIONS = "variations", "Several images, one link"


class PinFamily(models.Model):
    """What holds pins together that were made from one form. Each of them is published, moved and edited by itself."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pin_families")
    kind = models.CharField(max_length=12, choices=FamilyKind, default=FamilyKind.BOARDS)
    # Between each pin and the next one; 0: on the same day.
    days_between = models.PositiveSmallIntegerField(
        default=USUAL_DAYS_BETWEEN, validators=[MaxValueValidator(MOST_DAYS_BETWEEN)]
    )
    # Whether all have the time of day of the first one, instead of publishing times of their accounts.
    keeps_time = models.BooleanField(default=False)
    # What is still to be made from the first pin while it is a draft, as pins/families/rows.py writes it.
    plan = models.JSONField(default=list, blank=True)
    # How many pins were made, deleted ones included: the last one's position.
    size = models.PositiveSmallIntegerField(default=1)
    # NULL: that user was deleted.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "pin families"
        constraints = [
            models.CheckConstraint(
                name="pin_family_days_between",
                condition=Q(days_between__lte=MOST_DAYS_BETWEEN),
                violation_error_message="Pins of a family are at most 90 days apart.",
            ),
            models.CheckConstraint(condition=Q(kind__in=FamilyKind.values), name="pin_family_kind_known"),
        ]

    def __str__(self) -> str:
        return f"Family {self.pk}"
