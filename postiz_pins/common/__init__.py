"""What all apps use: texts, time zones, pages of lists, CSV files, encryption."""
