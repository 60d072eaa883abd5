"""Pins as files: for Pinterest's own importer, and with all that is known of them."""
