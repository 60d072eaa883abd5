"""One search for pins, media and boards of a workspace."""
