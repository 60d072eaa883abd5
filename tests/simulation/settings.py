"""The app's settings as the simulator needs them: everything in memory, nothing outside this process."""

import os
import tempfile

from cryptography.fernet import Fernet

os.environ.update(
    # The folder is never written to; it only must not be the developer's own, with its keys.
    DATA_DIR=tempfile.gettempdir() + "/postiz-pins-simulation",
    DATABASE_URL="sqlite:////nowhere/simulation.sqlite3",
    REDIS_URL="",
    SECRET_KEY="simulation-" * 5,
    TOKEN_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
    PINTEREST_APP_ID="simulated-app",
    PINTEREST_APP_SECRET="simulated-secret",
    PINTEREST_API_URL="https://api.pinterest.simulated/v5",
    PINTEREST_OAUTH_URL="https://www.pinterest.simulated/oauth/",
    PINTEREST_IMAGE_SOURCE="base64",
    PUBLIC_URL="http://localhost:8000",
    MEDIA_URL="/files/",
    CHECK_LINKS="off",
    # Longer than real ones, which makes a history of a stuck video short.
    PINTEREST_MEDIA_POLL_SECONDS="400",
    DEBUG="off",
)

from postiz_pins.settings import *  # noqa: F403  the environment above decides what it reads
from postiz_pins.settings import DATABASES, Q_CLUSTER


class _TablesWithoutMigrations(dict):
    """Django makes the tables right from the models, which takes a tenth of a second."""

    def __contains__(self, app: object) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


MIGRATION_MODULES = _TablesWithoutMigrations()
DATABASES["default"]["NAME"] = ":memory:"
# Statements are prepared once a process.
DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "cached_statements": 2000}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "simulation"}}
Q_CLUSTER = {
    **{key: value for key, value in Q_CLUSTER.items() if key not in ("orm", "redis", "poll")},
    "broker_class": "tests.simulation.boundaries.Broker",
}
STORAGES = {
    "default": {"BACKEND": "tests.simulation.boundaries.MediaStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING = {"version": 1, "root": {"level": "CRITICAL"}}
