from django.apps import AppConfig


class PinsConfig(AppConfig):
    name = "pins"

    def ready(self) -> None:
        from .lifecycle import receivers as lifecycle_receivers  # noqa: F401  its receiver is connected by importing it
