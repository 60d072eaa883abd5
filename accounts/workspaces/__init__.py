"""Workspaces: making, switching and settings."""
