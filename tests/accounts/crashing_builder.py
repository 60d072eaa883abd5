"""A builder of exports that dies by SIGKILL at a given step: `python -m tests.accounts.crashing_builder STEP`."""

import os
import signal
import sys
from pathlib import Path

import django


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def main(step):
    django.setup()
    from accounts.exports import jobs as export_jobs
    from postiz_pins.data import export as data_export

    match step:
        case "begun":
            data_export._add_table = die
        case "media":
            data_export._add_media = die
        case "written":
            export_jobs.os.fsync = die
        case "renamed":
            rename = Path.rename
            Path.rename = lambda path, target: die(rename(path, target))
    data_export.build_due()


if __name__ == "__main__":
    main(sys.argv[1])
