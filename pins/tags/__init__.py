"""Tags of pins and media files."""
