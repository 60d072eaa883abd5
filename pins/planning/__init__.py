"""The plan: the calendar of a workspace's pins, and moving a pin to another time."""
