"""The processes of an installation: starting, readiness, health, stopping."""
