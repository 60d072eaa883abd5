"""The weekly e-mail of a workspace."""
