"""The folder of the media files, as the database knows it."""

from __future__ import annotations

import uuid

from django.db import models


class MediaFolder(models.Model):
    """The one row says which id the marker file in the media folder has (media/folder.py)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    marker = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="media_folder_only_one")]

    def __str__(self) -> str:
        return str(self.marker)
