"""`manage.py health`: exit status 0 if all is well, 1 with a line for each problem."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pins.models import ProcessKind
from postiz_pins.operations import status


class Command(BaseCommand):
    help = "Check the whole installation, or one kind of process on this machine. Exits with 1 if something is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "kind",
            nargs="?",
            choices=ProcessKind.values,
            help="check only whether a process of this kind runs on this machine, as containers need it",
        )

    def handle(self, *, kind: str | None, **options: Any) -> None:
        now = timezone.now()
        problems = status.problems_of(ProcessKind(kind), socket.gethostname(), now) if kind else status.problems(now)
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write("ok")
