"""The analytics for programs: operations of the API, and their part of its document."""
