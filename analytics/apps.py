from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Configuration of the app."""

    name = "analytics"
