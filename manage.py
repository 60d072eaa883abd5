#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from postiz_pins.database.private_files import keep_private

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postiz_pins.settings")
    try:
        settings.SECRET_KEY  # noqa: B018  reading it loads the settings
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    keep_private()
    execute_from_command_line(sys.argv)
