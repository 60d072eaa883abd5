from django.apps import AppConfig
from django.db.backends.signals import connection_created


class PostizPinsConfig(AppConfig):
    """Configuration of what the apps have in common."""

    name = "postiz_pins"

    def ready(self) -> None:
        """Connect the receivers that set up new connections to the database."""
        from .database.postgresql import plan_for_short_questions
        from .database.sqlite import allow_parameters

        connection_created.connect(allow_parameters)
        connection_created.connect(plan_for_short_questions)
