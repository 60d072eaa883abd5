"""The cache in the database, which stays in this process's memory while that is not writable.

So wrong passwords are still counted.
"""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache as StockCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import DatabaseError

from .full_disk import is_full_disk


class DatabaseCache(StockCache):
    """Django's cache in the database, which remembers in memory what cannot be written."""

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(table, params)
        self._own = LocMemCache(f"{table}-unwritten", params)

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        """Return the values of these keys, of both places."""
        keys = list(keys)
        return super().get_many(keys, version) | self._own.get_many(keys, version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store the value, in memory if the database is not writable."""
        if self._base_set("set", self.make_and_validate_key(key, version=version), value, timeout):
            self._own.delete(key, version)
        else:
            self._own.set(key, value, timeout, version)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store the value if there is none, and return whether it was stored."""
        if self._own.has_key(key, version):
            return False
        for _ in range(2):  # what another process has added may be gone a moment later
            if super().add(key, value, timeout, version):
                return True
            if super().has_key(key, version):
                return False
        return bool(self._own.add(key, value, timeout, version))  # there is no room for it

    def delete(self, key: str, version: int | None = None) -> bool:
        """Delete the value, and return whether there was one."""
        return any([self._own.delete(key, version), super().delete(key, version)])

    def clear(self) -> None:
        """Delete all values."""
        self._own.clear()
        super().clear()

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        try:
            return bool(super()._base_set(mode, key, value, timeout))  # type: ignore[misc]  # not in the stubs
        except DatabaseError as error:
            if not is_full_disk(error):
                raise
            return False

    def _base_delete_many(self, keys: list[str]) -> bool:
        """Delete these keys, as well as expired values whenever one is read."""
        try:
            return bool(super()._base_delete_many(keys))  # type: ignore[misc]  # likewise
        except DatabaseError as error:
            if not is_full_disk(error):
                raise
            return False
