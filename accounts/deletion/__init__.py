"""Deleting workspaces, accounts' data and people after a waiting period."""
