"""Files and pasted texts become tables of texts."""
