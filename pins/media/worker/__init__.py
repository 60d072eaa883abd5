"""The process that reads one media file. Knows no Django."""
