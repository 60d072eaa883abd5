from django.apps import AppConfig


class PinsConfig(AppConfig):
    """Configuration of the app."""

    name = "pins"

    def ready(self) -> None:
        """Connect the receivers for accounts that work again and for webhooks, which importing them does."""
        from . import webhooks  # noqa: F401
        from .lifecycle import receivers as lifecycle_receivers  # noqa: F401
