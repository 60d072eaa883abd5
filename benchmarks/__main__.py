"""`make bench`: every benchmark, on a database of its own. The figures are ratios, since machines differ.

One alone: `python -m benchmarks pages.lists`.
"""

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

NAMES = (
    *("publishing.posting", "publishing.restarting", "publishing.uploading", "publishing.mixed", "publishing.webhooks"),
    *("publishing.limits", "data.thumbnails", "pages.lists", "pages.overhead", "publishing.asking", "data.renewing"),
    *("data.ingesting", "pages.reading", "pages.transfer", "data.exporting", "data.importing", "pages.planning"),
    *("pages.spacing", "pages.grid", "pages.feed", "footprint"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ["MEDIA_ROOT"] = f"{folder}/media"
        os.environ["DJANGO_SETTINGS_MODULE"] = "postiz_pins.settings"
        os.environ["LOG_LEVEL"] = "ERROR"
        os.environ["PINTEREST_APP_ID"] = ""
        os.environ.pop("REDIS_URL", None)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        for name in sys.argv[1:] or NAMES:
            import_module(f"benchmarks.{name}").run(Path(folder))


if __name__ == "__main__":
    main()
