"""`manage.py setup_s3`."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Set the bucket's CORS and lifecycle rules for Postiz Pins, then test everything that it has to do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only test, and change no rules")

    def handle(self, *, check: bool, **options: Any) -> None:
        if not settings.S3_BUCKET:
            raise CommandError("Set S3_BUCKET and the other settings of S3 first (docs/configuration.md).")
        from postiz_pins.storage import bucket_rules, self_test  # only where their packages are installed

        if not check:
            for line in bucket_rules.apply():
                self.stdout.write(line)
        failures = 0
        for name, problem in self_test.run():
            failures += bool(problem)
            self.stdout.write(f"FAIL  {name}: {problem}" if problem else f"ok    {name}")
        if failures:
            raise CommandError(f"{failures} of the tests failed.")
