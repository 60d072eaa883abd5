"""How static files are stored for serving."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own switch, support_js_module_import_aggregation, also reads the scripts of packages, and stumbles over the
# example in a comment of one of them.
_, _imports = HashedFilesMixin._js_module_import_aggregation_patterns  # type: ignore[attr-defined]  # not in the stubs

SHEETS = "css/"
IMPORT = re.compile(r'@import "([\w/.-]+)" layer\((\w+)\);')


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """With a hash of its content in every name, also where one of our scripts imports another: a browser must not mix
    the scripts of two releases. Our style sheets are served whole, so that their parts cost no requests."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", _imports))

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        whole = {
            name: (WholeSheets(storage), path) if name.startswith(SHEETS) else (storage, path)
            for name, (storage, path) in paths.items()
        }
        return super().post_process(whole, dry_run, **options)


class WholeSheets:
    """Style sheets with the content of what they import in its place, as browsers put it together."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def open(self, path: str) -> "ContentFile[bytes]":
        def part(found: re.Match[str]) -> str:
            return f"@layer {found[2]} {{\n{self._read(str(PurePosixPath(path).parent / found[1]))}}}"

        return ContentFile(IMPORT.sub(part, self._read(path)).encode())

    def _read(self, path: str) -> str:
        with self._storage.open(path) as file:
            content: bytes = file.read()
        return content.decode()
