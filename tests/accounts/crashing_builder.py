"""A builder of exports that dies by SIGKILL at a given step: `python -m tests.accounts.crashing_builder STEP`."""

import os
import signal
import sys

import django


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def main(step):
    django.setup()
    from accounts.exports import jobs as export_jobs
    from accounts.models.exports import export_storage
    from postiz_pins.data import export as data_export

    match step:
        case "begun":
            data_export._add_table = die
        case "media":
            data_export._add_media = die
        case "written":
            export_jobs.os.fsync = die
        case "renamed":
            storage = export_storage().__class__
            take = storage.take
            storage.take = lambda *arguments: die(take(*arguments))
    data_export.build_due()


if __name__ == "__main__":
    main(sys.argv[1])
