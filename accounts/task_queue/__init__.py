"""The administration of the task queue (django-q2), and how its schedules last ended."""
