"""`make bench`: every benchmark, on a database of its own. The figures are ratios, since machines differ."""

import os
import sys
import tempfile
from pathlib import Path

# Of analytics.
FIGURES = ("ingesting", "reading", "transfer")


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

        from benchmarks import ingesting, lists, mixed, publishing, reading, thumbnails, transfer, uploading

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        chosen = sys.argv[1:] or ["publishing", "uploading", "mixed", "thumbnails", "lists", *FIGURES]
        if "publishing" in chosen:
            publishing.run(Path(folder))
        if "uploading" in chosen:
            uploading.run(Path(folder))
        if "mixed" in chosen:
            mixed.run(Path(folder))
        if "thumbnails" in chosen:
            thumbnails.run(Path(folder))
        if "lists" in chosen:
            lists.run()
        if "reading" in chosen:
            reading.run(Path(folder))
        if "transfer" in chosen:
            transfer.run(Path(folder))
        if "ingesting" in chosen:
            ingesting.run(Path(folder))


if __name__ == "__main__":
    main()
