"""Boards and their sections, as Pinterest last listed them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Count, Q

from .pinterest_accounts import AccountStatus, PinterestAccount
from .workspaces import ScopedQuerySet


class BoardQuerySet(ScopedQuerySet):
    """Boards by the workspace of their account."""

    workspace_path = "account__workspace"

    def offered(self) -> Self:
        """Return boards that a new pin may go to: Pinterest still lists them, and their account is connected."""
        return self.filter(missing_since=None, account__status=AccountStatus.ACTIVE)

    def with_section_count(self) -> Self:
        """Add `section_count`: the sections that Pinterest listed when they were fetched last."""
        return self.annotate(section_count=Count("sections", filter=Q(sections__missing_since=None)))


class BoardPrivacy(models.TextChoices):
    """Who can see a board on Pinterest (GET /boards, `privacy`)."""

    PUBLIC = "PUBLIC", "Public"
    PROTECTED = "PROTECTED", "Protected"
    SECRET = "SECRET", "Secret"


class Board(models.Model):
    """A board as Pinterest last listed it.

    A board that left Pinterest keeps its row, since published pins still point at it. It only leaves the picker.
    """

    account = models.ForeignKey(PinterestAccount, on_delete=models.CASCADE, related_name="boards")
    pinterest_id = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    privacy = models.CharField(max_length=12, choices=BoardPrivacy, default=BoardPrivacy.PUBLIC)
    # Its owner's username at Pinterest, and its pins when it was listed last. Empty and NULL: not told.
    owner = models.CharField(max_length=100, blank=True, default="", db_default="")
    pin_count = models.PositiveIntegerField(null=True, blank=True)
    # NULL while Pinterest lists the board.
    missing_since = models.DateTimeField(null=True, blank=True)
    # NULL until the board was selected once: an account may have hundreds, and each costs a request of its own.
    sections_synced_at = models.DateTimeField(null=True, blank=True)

    # What tells it from another board of its name; filled by boards.tell_apart, and no column.
    distinction = ""

    objects = BoardQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["account", "pinterest_id"], name="board_once_per_account")]

    def __str__(self) -> str:
        return self.name


class BoardSectionQuerySet(ScopedQuerySet):
    """Sections by the workspace of their board's account."""

    workspace_path = "board__account__workspace"

    def offered(self) -> Self:
        """Return sections that Pinterest still lists."""
        return self.filter(missing_since=None)


class BoardSection(models.Model):
    """A section of a board, as Pinterest last listed it; like a board, it keeps its row when it is gone."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="sections")
    pinterest_id = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    # NULL while Pinterest lists the section.
    missing_since = models.DateTimeField(null=True, blank=True)

    objects = BoardSectionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["board", "pinterest_id"], name="section_once_per_board")]

    def __str__(self) -> str:
        return self.name
