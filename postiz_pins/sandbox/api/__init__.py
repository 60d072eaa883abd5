"""Pinterest's API as the sandbox plays it, operation by operation."""
