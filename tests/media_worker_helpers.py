"""One process of the reader for many files: starting it for each would take most of the time."""

import json
import subprocess
import sys
from pathlib import Path

from django.conf import settings

CODE = """
import json, sys
from pathlib import Path
from pins.media.worker import inspect as media_reader

media_reader.limit_resources()
for number, line in enumerate(sys.stdin):
    command, source, *numbers = json.loads(line)
    folder = Path(source).with_suffix(".read")
    folder.mkdir(exist_ok=True)
    print(json.dumps(media_reader.run(command, Path(source), folder, numbers)))
"""


def read_all(command, builds, folder, *numbers):
    """The reader's answers for what each of `builds` makes, by their names; "folder" holds the results of each."""
    sources = {}
    for number, (name, build) in enumerate(builds.items()):
        sources[name] = folder / f"{number}"
        sources[name].write_bytes(build())
    lines = "\n".join(json.dumps([command, str(source), *numbers]) for source in sources.values())
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=settings.BASE_DIR, input=lines, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        name: answer | {"source": source, "folder": Path(source).with_suffix(".read")}
        for (name, source), answer in zip(sources.items(), answers, strict=True)
    }


def stored_path(answer):
    """What would be stored."""
    return answer["folder"] / answer["file"] if "file" in answer else answer["source"]
