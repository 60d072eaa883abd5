from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from postiz_pins.sandbox.seed import fill
from postiz_pins.sandbox.server import serve
from postiz_pins.sandbox.state import is_empty, store


class Command(BaseCommand):
    help = "Run the local stand-in for Pinterest: its API, its consent page, and pages that show what was published."
    # The sandbox uses neither the app's database nor its models.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--port",
            type=int,
            default=settings.SANDBOX_PORT,
            help="0 takes a free one (default: SANDBOX_PORT or %(default)s)",
        )
        state = settings.DATA_DIR / "sandbox.sqlite3"
        parser.add_argument(
            "--with-parent",
            action="store_true",
            help="end with the standard input and after open requests, as `make run` needs it; signals are ignored",
        )
        parser.add_argument("--state", type=Path, default=state, help="default: %(default)s")

    def handle(self, *, host: str, port: int, state: Path, with_parent: bool, **options: Any) -> None:
        if not settings.PINTEREST_SANDBOX:
            raise CommandError(
                "PINTEREST_APP_ID is set, so the app talks to the real Pinterest: no sandbox is started."
            )
        store.open(state)
        with store.transaction() as db:
            if is_empty(db):
                fill(db)
        try:
            serve(host, port, self.announce, with_parent=with_parent)
        except OSError as error:
            raise CommandError(f"The sandbox cannot listen on {host}:{port}: {error.strerror}.") from error
        finally:
            store.close()

    def announce(self, port: int) -> None:
        self.stdout.write(f"Sandbox ready at http://127.0.0.1:{port}")
        self.stdout.flush()
