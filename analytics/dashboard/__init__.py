"""The dashboard: how it goes, what is planned, and what needs attention."""
