"""Signing in and up: allauth's adapters, sessions, second steps, limits on wrong passwords, the demo login."""
