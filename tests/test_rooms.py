"""The size of what a reader has to take in at once: modules of a folder, lines of a file."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
PRODUCT = ("accounts", "analytics", "pins", "postiz_pins")
MODULES_IN_A_FOLDER = 14
LINES_OF_A_FILE = 400


def source(*folders):
    """Return the Python files below the folders, by their path from the root, without migrations."""
    paths = (path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [path for path in paths if "migrations" not in path.parts]


def test_a_folder_holds_few_modules():
    folders = Counter(path.parent.as_posix() for path in source(*PRODUCT) if path.name != "__init__.py")

    assert len(folders) > 30
    assert {folder: count for folder, count in folders.items() if count > MODULES_IN_A_FOLDER} == {}


def test_a_file_is_short_enough_to_be_read_at_once():
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in source(*PRODUCT, "benchmarks", "tests")}

    assert len(lengths) > 500
    assert {path.as_posix(): lines for path, lines in lengths.items() if lines > LINES_OF_A_FILE} == {}
