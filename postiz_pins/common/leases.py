"""Leases: rows that one worker at a time may hold.

A token says which worker holds a row, and every later write of that worker is conditional on it. The lease ends by
itself, so a worker that dies blocks nothing for longer; one that lives renews it.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q


class LeaseLost(Exception):
    """Another worker holds the row, or it is gone: no more may be written."""


class LeaseQuerySet(models.QuerySet):
    """Rows with a lease. Tables that name its two columns in another way say so; NULL in them: there is no claim."""

    holder_column: ClassVar[str] = "claim_token"
    until_column: ClassVar[str] = "claimed_until"
    # All columns of a row that no worker holds.
    UNCLAIMED: ClassVar[dict[str, Any]] = {"claim_token": None, "claimed_until": None}

    if TYPE_CHECKING:  # the plugin for mypy would want each subclass's manager to be one of both base classes
        as_manager: Any

    def unclaimed(self, now: datetime) -> Self:
        """Return the rows that no worker holds: without a claim, or with one whose lease is over."""
        return self.filter(Q((self.until_column, None)) | Q((f"{self.until_column}__lte", now)))

    def claimed(self, now: datetime) -> Self:
        """Return the rows that a worker holds."""
        return self.filter(Q((f"{self.until_column}__gt", now)))

    def claim(self, now: datetime, until: datetime, **columns: Any) -> uuid.UUID | None:
        """Claim the one row of this queryset, and write `columns` with it, by one conditional UPDATE.

        Return the claim's token, or None if the row is not there, or another worker was faster.
        """
        token = uuid.uuid4()
        lease = {self.holder_column: token, self.until_column: until}
        return token if self.unclaimed(now).update(**lease, **columns) == 1 else None

    def with_token(self, pk: Any, token: uuid.UUID | None) -> Self:
        """Return the row as long as it has this claim; with None, as long as it has none."""
        return self.filter(Q((self.holder_column, token)), pk=pk)

    def as_claimed(self, row: models.Model) -> Self:
        """Return the row as long as it has the claim that `row` was read with."""
        return self.with_token(row.pk, getattr(row, self.holder_column))

    def renew(self, until: datetime, **columns: Any) -> bool:
        """Renew the lease, and write `columns` with it; return False if the claim has been lost."""
        return self.update(**{self.until_column: until}, **columns) == 1

    def release(self) -> None:
        """End the claim."""
        self.update(**self.UNCLAIMED)

    def write_claimed(self, row: models.Model, **columns: Any) -> None:
        """Change the row and `row`, on which this worker has a claim. Raises LeaseLost."""
        if self.as_claimed(row).update(**columns) == 0:
            raise LeaseLost
        for name, value in columns.items():
            setattr(row, name, value)
