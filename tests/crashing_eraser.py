"""Erases what is due and dies by SIGKILL at a given step: `python -m tests.crashing_eraser STEP`."""

import os
import signal
import sys

import django


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def main(step):
    django.setup()
    from django.core.cache import cache
    from django.core.files.storage import FileSystemStorage
    from django.db import transaction
    from django.utils import timezone

    from accounts.deletion import execution as accounts
    from analytics import deletion as figures
    from pins import deletion as pins
    from postiz_pins.data import deletion as data_deletion

    def die_after(work):
        def work_and_die(*args, **kwargs):
            work(*args, **kwargs)
            die()

        return work_and_die

    def die_after_first(work):
        def one_step(*args, **kwargs):
            for step in work(*args, **kwargs):
                die()
                yield step

        return one_step

    match step:
        case "beginning":  # within its transaction
            accounts.connections.forget_tokens = die
        case "begun":
            accounts.begin_workspace_deletion = die_after(accounts.begin_workspace_deletion)
        case "stopped":
            pins.take_from_workers = die_after(pins.take_from_workers)
        case "figures":
            figures.delete_pins = die_after_first(figures.delete_pins)
        case "pins":
            pins.delete_pins = die_after(pins.delete_pins)
        case "file":  # the bytes are gone, the row is there
            FileSystemStorage.delete = die_after(FileSystemStorage.delete)
        case "media":
            pins.delete_media_files = die_after_first(pins.delete_media_files)
        case "account":
            figures.delete_account = die_after_first(figures.delete_account)
        case "boards":
            accounts.delete_boards = die_after_first(accounts.delete_boards)
        case "exports":
            accounts.delete_exports = die_after_first(accounts.delete_exports)
        case "finishing":  # within the last transaction
            accounts.finish_workspace_deletion = die_after(accounts.finish_workspace_deletion)
        case "finished":
            transaction.Atomic.__exit__ = finished(transaction.Atomic.__exit__, accounts)
    cache.delete(data_deletion.TURN_KEY)  # that of an earlier one that was killed
    data_deletion.erase_due(timezone.now())


def finished(leave, accounts):
    """Dies once the transaction of `finish_workspace_deletion` is committed."""
    finish, done = accounts.finish_workspace_deletion, []

    def note(*args):
        finish(*args)
        done.append(True)

    def leave_and_die(*args):
        leave(*args)
        if done:
            die()

    accounts.finish_workspace_deletion = note
    return leave_and_die


if __name__ == "__main__":
    main(sys.argv[1])
