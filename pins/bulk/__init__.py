"""Changes of many pins or files at once. Each goes through the functions that one pin goes through."""
