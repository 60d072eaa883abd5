"""Files of pins: read, checked row by row, and made into pins."""
