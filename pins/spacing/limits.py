"""What an account asks for: its own limits, or the defaults that its columns have."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import PinterestAccount

# The columns of an account, less their prefix.
NAMES = (
    *("same_board", "picture_days", "link_days"),
    *("day_hint", "day_warning", "hour_warning", "picture_boards"),
)
PREFIX = "spacing_"


@dataclass(frozen=True)
class SpacingLimits:
    """The limits of an account; 0 days and None mean that it does not matter."""

    # Whether to warn when an image goes to a board on which it is already, whenever that was.
    same_board: bool = True
    # So many days apart are pins with the same image, or with the same link.
    picture_days: int = 7
    link_days: int = 2
    # More pins a day get a hint, and still more a warning; likewise within an hour.
    day_hint: int | None = 25
    day_warning: int | None = 50
    hour_warning: int | None = 5
    # On more boards than that, an image gets a warning.
    picture_boards: int | None = 10

    @classmethod
    def of(cls, account: PinterestAccount) -> SpacingLimits:
        """Return the limits of the account."""
        return cls(**{name: getattr(account, f"{PREFIX}{name}") for name in NAMES})

    @property
    def longest_days(self) -> int:
        """Return the days within which another pin can matter for its image or its link."""
        return max(self.picture_days, self.link_days)

    def __str__(self) -> str:
        parts = [
            f"same link after {self.link_days} days",
            f"same image on another board after {self.picture_days} days",
            f"on the same board {'with' if self.same_board else 'without'} a warning",
            f"on up to {_or_any(self.picture_boards)} boards",
            f"hint above {_or_any(self.day_hint)} and warning above {_or_any(self.day_warning)} a day",
            f"warning above {_or_any(self.hour_warning)} an hour",
        ]
        return ", ".join(parts)


def _or_any(limit: int | None) -> str:
    return "any number of" if limit is None else str(limit)
