"""The plan and its results as one table, which can be imported again."""
