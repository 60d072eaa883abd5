"""The process that reads files: what it is kept from, and what becomes of an upload when it hangs or dies."""

import json
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pins.media import inspection
from pins.media.worker import inspect as inspect_worker
from pins.models import MediaFile
from tests.media_bytes import picture_bytes, video_bytes

pytestmark = pytest.mark.django_db


def upload(browser, content, name="chair.jpg"):
    return browser.post(
        reverse("pins:media_upload"),
        {"file": SimpleUploadedFile(name, content)},
        headers={"X-Requested-With": "XMLHttpRequest"},
    )


def python(code):
    return [sys.executable, "-c", code]


def run_python(code, **options):
    return subprocess.run(python(code), cwd=project.BASE_DIR, capture_output=True, text=True, timeout=60, **options)


def test_a_reader_that_hangs_is_ended_with_a_sentence(alice, monkeypatch):
    monkeypatch.setattr(inspection, "READER", python("import time; time.sleep(600)"))
    monkeypatch.setattr(inspection, "READER_SECONDS", 0.3)

    response = upload(alice, picture_bytes())

    assert response.status_code == 400
    assert "takes too much memory or time to process" in response.content.decode()
    assert not MediaFile.objects.exists()


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSEGV", "SIGXCPU"])
def test_a_reader_that_dies_is_no_error_of_ours(alice, monkeypatch, signal):
    monkeypatch.setattr(inspection, "READER", python(f"import os, signal; os.kill(os.getpid(), signal.{signal})"))

    response = upload(alice, picture_bytes())

    assert response.status_code == 400
    assert "takes too much memory or time" in response.content.decode()


@pytest.mark.parametrize(("build", "what"), [(picture_bytes, "image editor"), (video_bytes, "Play it to the end")])
def test_a_file_that_meets_a_fault_of_the_reader_is_refused_and_the_fault_is_logged(
    alice, monkeypatch, caplog, build, what
):
    monkeypatch.setattr(inspection, "READER", python("raise LookupError('nobody thought of this')"))

    response = upload(alice, build())

    assert response.status_code == 400
    assert what in response.content.decode()
    assert "nobody thought of this" in caplog.text


def test_a_reader_that_says_what_nobody_understands_has_met_a_fault(alice, monkeypatch):
    monkeypatch.setattr(inspection, "READER", python("print('libjpeg: something odd')"))

    response = upload(alice, picture_bytes())

    assert response.status_code == 400
    assert "damaged or incomplete" in response.content.decode()


def test_a_file_that_needs_too_much_memory_is_refused(monkeypatch, tmp_path):
    """Twelve megapixels in an address space that holds the libraries, but not the picture."""
    (tmp_path / "chair.png").write_bytes(picture_bytes(4000, 3000, "PNG"))
    code = (
        "from pins.media.worker import inspect as media_reader\n"
        "import PIL.Image, pins.media.worker.images\n"
        "pages = int(open('/proc/self/statm').read().split()[0])\n"
        "media_reader.ADDRESS_SPACE_BYTES = pages * 4096 + 16 * 1024**2\n"
        f"media_reader.main('read-picture', {str(tmp_path / 'chair.png')!r}, {str(tmp_path)!r})\n"
    )

    done = run_python(code)

    assert json.loads(done.stdout) == {"refused": "media_too_demanding"}


def test_the_reader_has_limits_and_no_secrets(tmp_path, monkeypatch):
    """What the process sees of its limits and of the environment, told by itself."""
    monkeypatch.setenv("SECRET_KEY", "not for the reader")
    code = (
        "import json, os, resource, sys\n"
        "from pins.media.worker import inspect as media_reader\n"
        "media_reader.limit_resources()\n"
        "kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)\n"
        "print(json.dumps({'limits': [resource.getrlimit(kind)[1] for kind in kinds], 'env': dict(os.environ)}))\n"
    )
    monkeypatch.setattr(inspection, "READER", python(code))

    told = inspection.run_reader("read-picture", tmp_path, tmp_path, name="chair.jpg")

    assert told["limits"] == [inspect_worker.ADDRESS_SPACE_BYTES, inspect_worker.CPU_SECONDS, inspect_worker.FILE_BYTES]
    assert "SECRET_KEY" not in told["env"]


def test_the_reader_imports_nothing_of_django():
    code = (
        "import sys\n"
        "from pins.media import file_types\n"
        "from pins.media.worker import images, inspect, metadata, videos\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('django', 'accounts', 'psycopg')])\n"
    )

    assert run_python(code, env={"PATH": "/usr/bin"}).stdout == "[]\n"


def test_every_refusal_of_the_reader_has_a_sentence():
    import re

    sources = list((project.BASE_DIR / "pins/media/worker").glob("*.py"))
    codes = {
        code
        for source in sources
        for code in re.findall(r"""(?:Unreadable\(|"refused": )"(\w+)\"""", source.read_text())
    }

    assert len(codes) > 5
    assert codes <= set(inspection.SENTENCES)
