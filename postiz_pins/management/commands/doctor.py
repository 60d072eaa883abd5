"""`manage.py doctor`: a line for each check, and exit status 1 if one has failed."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from postiz_pins.operations.doctor import examine


class Command(BaseCommand):
    help = "Check this installation's settings and surroundings, and say what to do about what is wrong."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        for finding in findings:
            self.stdout.write(f"{finding.result:<4}  {finding.name:<15}  {finding.text}")
        if any(finding.result == "FAIL" for finding in findings):
            sys.exit(1)
