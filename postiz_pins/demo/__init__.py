"""A workspace with made-up history."""
