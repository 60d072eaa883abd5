"""The database and the cache: SQLite's connections, a full disk, queries kept for each second."""
