"""The cache in the database; while that cannot be written, this process remembers what is new, so that wrong passwords
are still counted."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache as StockCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import DatabaseError

from .full_disk import is_full_disk


class DatabaseCache(StockCache):
    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(table, params)
        self._own = LocMemCache(f"{table}-unwritten", params)

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        keys = list(keys)
        return super().get_many(keys, version) | self._own.get_many(keys, version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        if self._base_set("set", self.make_and_validate_key(key, version=version), value, timeout):
            self._own.delete(key, version)
        else:
            self._own.set(key, value, timeout, version)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        if self._own.has_key(key, version):
            return False
        if super().add(key, value, timeout, version):
            return True
        # Somebody else has added it, or nothing can be written.
        return not self._can_write() and self._own.add(key, value, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        return any([self._own.delete(key, version), super().delete(key, version)])

    def clear(self) -> None:
        self._own.clear()
        super().clear()

    def _can_write(self) -> bool:
        return self._base_set("set", self.make_and_validate_key("can-it-be-written"), True, 60)

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        try:
            return bool(super()._base_set(mode, key, value, timeout))  # type: ignore[misc]  # not in the stubs
        except DatabaseError as error:
            if not is_full_disk(error):
                raise
            return False

    def _base_delete_many(self, keys: list[str]) -> bool:
        """Also of what has expired, whenever something is read."""
        try:
            return bool(super()._base_delete_many(keys))  # type: ignore[misc]  # likewise
        except DatabaseError as error:
            if not is_full_disk(error):
                raise
            return False
