"""Exports of a workspace: one zip file with all that it holds."""
