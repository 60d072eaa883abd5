import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from gunicorn.errors import AppImportError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postiz_pins.settings")

try:
    application = get_wsgi_application()
    # They need the settings, and the apps.
    from postiz_pins.database.private_files import keep_private
    from postiz_pins.operations.heartbeats import report_web_process
    from postiz_pins.runtime.readiness import require_media_folder

    if settings.IS_HTTPS and not settings.HAS_CHOSEN_HOSTS:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS is not set. Set it to the allowed host names, separated by commas, such as pins.example.com."
        )
    keep_private()
    require_media_folder()
    report_web_process()
except ImproperlyConfigured as error:
    # gunicorn prints it as one line and stops, where any other exception would be a traceback from every worker.
    raise AppImportError(str(error)) from error
