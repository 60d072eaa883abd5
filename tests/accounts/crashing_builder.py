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
    from accounts import exports
    from postiz_pins import exporting

    match step:
        case "begun":
            exporting._add_table = die
        case "media":
            exporting._add_media = die
        case "written":
            exports.os.fsync = die
        case "renamed":
            rename = Path.rename
            Path.rename = lambda path, target: die(rename(path, target))
    exporting.build_due()


if __name__ == "__main__":
    main(sys.argv[1])
