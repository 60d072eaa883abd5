from django.apps import AppConfig


class PinsConfig(AppConfig):
    name = "pins"

    def ready(self) -> None:
        from . import reconnected  # noqa: F401  its receiver is connected by importing it
