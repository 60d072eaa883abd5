"""What concerns the rows of all apps: export and deletion."""
