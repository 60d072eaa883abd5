"""The plan as a feed that calendars of other programs subscribe to."""
