"""Pinterest accounts: connecting, tokens and their renewal, boards and sections."""
