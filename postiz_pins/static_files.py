"""How static files are stored for serving."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEETS, SCRIPTS = "css/", "js/"
IMPORT = re.compile(r'@import "([\w/.-]+)" layer\((\w+)\);')
MODULE = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[\w/.-]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
UNREAD = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
COMMENT = re.compile(r"^\s*//.*\n", re.MULTILINE)


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """A storage with a hash of its content in every name.

    A browser must not mix the scripts of two releases. Our style sheets and scripts are served whole, so that their
    parts cost no requests.
    """

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Yield the processed files, with each style sheet and each script made whole first."""
        whole = {name: (_whole(name, storage), path) for name, (storage, path) in paths.items()}
        return super().post_process(whole, dry_run, **options)


def _whole(name: str, storage: Storage) -> Any:
    if name.startswith(SHEETS):
        return WholeSheets(storage)
    return WholeScripts(storage) if name.startswith(SCRIPTS) and name.endswith(".js") else storage


class WholeSheets:
    """Style sheets with the content of what they import in its place, as browsers put it together."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def open(self, path: str) -> "ContentFile[bytes]":
        """Return the style sheet with its imports replaced by their content."""

        def part(found: re.Match[str]) -> str:
            return f"@layer {found[2]} {{\n{_read(self._storage, str(PurePosixPath(path).parent / found[1]))}}}"

        return ContentFile(IMPORT.sub(part, _read(self._storage, path)).encode())


class WholeScripts:
    """Modules with all that they import, each as a function that is called once and returns what it exports.

    Comments are left out. Only what our modules use is understood: named imports and exports, of other files of ours.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def open(self, path: str) -> "ContentFile[bytes]":
        """Return the module after those that it imports, in the order in which browsers run them.

        Raises ValueError for an import or an export in another form, and for modules that import each other.
        """
        modules: dict[str, str] = {}
        self._add(path, modules, ())
        return ContentFile("".join(modules.values()).encode())

    def _add(self, path: str, modules: dict[str, str], importers: tuple[str, ...]) -> None:
        if path in importers:
            raise ValueError(f"{path} imports itself, by way of {' and '.join(importers)}")
        if path in modules:
            return
        source = _read(self._storage, path)
        names = {}
        for found in MODULE.finditer(source):
            names[found[2]] = self._path(path, found[2])
            self._add(names[found[2]], modules, (*importers, path))
        body = MODULE.sub(lambda found: _taken(found[1], _variable(names[found[2]])), source)
        exported = EXPORT.findall(body)
        body = COMMENT.sub("", EXPORT.sub("", body))
        if unread := UNREAD.search(body):
            raise ValueError(f"{path}: {unread[0]}")
        returned = f"return {{ {', '.join(exported)} }};\n" if exported else ""
        modules[path] = f"const {_variable(path)} = (() => {{\n{body}{returned}}})();\n"

    def _path(self, importer: str, relative: str) -> str:
        parts: list[str] = []
        for part in (PurePosixPath(importer).parent / relative).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        return "/".join(parts)


def _taken(names: str | None, module: str) -> str:
    """Return the line that takes these names from a module that has run."""
    return f"const {{{names.replace(' as ', ': ')}}} = {module};\n" if names else ""


def _variable(path: str) -> str:
    return re.sub(r"\W", "_", path.removesuffix(".js"))


def _read(storage: Storage, path: str) -> str:
    with storage.open(path) as file:
        content: bytes = file.read()
    return content.decode()
