"""`make release` lets through what is ready, and says what is missing of anything else."""

import shutil
import subprocess
import sys

import pytest

from tests.process_helpers import ROOT

CHANGELOG = (
    "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-26\n\n### Added\n\n- Pins.\n\n## [1.2.2] - 2026-11-01\n"
)
FILES = {
    "pyproject.toml": '[project]\nversion = "1.2.3"\n',
    "postiz_pins/user_agent.py": '"""A program."""\n\nVERSION = "1.2.3"\n',
    "CHANGELOG.md": CHANGELOG,
}


@pytest.fixture
def repository(tmp_path):
    """A clone that is ready to be released."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/release", tmp_path / ".ci")
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(folder, *arguments):
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A commit")


def release(folder):
    done = subprocess.run([sys.executable, ".ci/release"], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout, [line for line in done.stderr.splitlines() if line.startswith("- ")]


def test_a_commit_that_is_ready_gets_the_name_of_its_tag(repository):
    status, said, problems = release(repository)

    assert (status, problems) == (0, [])
    assert "git tag -a v1.2.3 " in said


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("pyproject.toml", "1.2.3", "1.2.3rc1", "is no version such as 1.2.3"),
        ("postiz_pins/user_agent.py", "1.2.3", "1.2.2", "VERSION is not 1.2.3"),
        ("CHANGELOG.md", "[1.2.3]", "[1.2.4]", "there is no section “## [1.2.3] - YYYY-MM-DD”"),
        ("CHANGELOG.md", " - 2026-11-26", "", "there is no section"),
        ("CHANGELOG.md", "### Added\n\n- Pins.\n", "", "the section of 1.2.3 is empty"),
        ("CHANGELOG.md", "[Unreleased]\n", "[Unreleased]\n\n- Boards.\n", "move what is under [Unreleased] to 1.2.3"),
    ],
)
def test_what_is_missing_is_named(repository, name, old, new, problem):
    path = repository / name
    path.write_text(path.read_text().replace(old, new))
    commit(repository)

    status, _, problems = release(repository)

    assert status == 1
    assert any(problem in each for each in problems), problems


def test_what_is_not_committed_is_not_released(repository):
    (repository / "new.py").write_text("")

    assert release(repository)[2] == ["- git: there are changes that are not committed."]


def test_a_version_is_released_once(repository):
    git(repository, "tag", "v1.2.3")

    assert release(repository)[2] == ["- git: the tag v1.2.3 exists. Raise the version."]


def test_the_version_is_one_everywhere():
    """Those of pyproject.toml and of the User-Agent, and the newest of the changelog."""
    status, _, problems = release(ROOT)

    assert [each for each in problems if "VERSION" in each or "no section" in each or "is empty" in each] == []
