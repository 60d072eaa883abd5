"""When an account's pins did best, and its next free hour."""
