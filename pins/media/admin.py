"""The administration of the media library: uploads go through the library's own checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html

from accounts.audit.admin import acting
from pins.models import MediaFile
from postiz_pins.common.admin.columns import shortened
from postiz_pins.common.admin.filters import RecentFilter
from postiz_pins.common.admin.read_only import ReadOnlyAdmin

from . import editing as media_editing
from .inspection import too_large
from .storage import MediaRefused, now_in_library, store_upload
from .uploads import dropped_uploads


class MediaUploadForm(forms.ModelForm):
    """A file for the library of a workspace, stored when the form is found valid: the checks read the whole file."""

    upload = forms.FileField(
        label="File", help_text="A JPG, PNG, WebP or HEIC image up to 20 MB, or an MP4 video up to 2 GB."
    )
    request: HttpRequest
    arrived_at: datetime

    class Meta:
        model = MediaFile
        fields = ["workspace"]

    def add_error(self, field: str | None, error: Any) -> None:
        dropped = dropped_uploads(self.request, "upload") if field == "upload" else []
        super().add_error(field, too_large(dropped[0].kind, dropped[0].name).message if dropped else error)

    def _post_clean(self) -> None:
        """Store the file instead of building a row; what is refused stands at its field."""
        if self.errors:
            return
        self.arrived_at = timezone.now()
        try:
            self.instance = store_upload(
                self.cleaned_data["upload"], workspace=self.cleaned_data["workspace"], by=acting(self.request)
            )
        except MediaRefused as refusal:
            self.add_error("upload", refusal.message)


@admin.register(MediaFile)
class MediaFileAdmin(ReadOnlyAdmin):
    """The files of all media libraries, read-only."""

    name_column = shortened("original_name")
    list_display = ["small_picture", name_column, "workspace", "content_type", "width", "height", "used_count"]
    list_display_links = [name_column]
    list_filter = ["kind", ("deleted_at", admin.EmptyFieldListFilter), ("workspace", RecentFilter)]
    autocomplete_fields = ["workspace"]
    list_select_related = ["workspace"]
    search_fields = ["original_name", "=sha256", "=file", "workspace__name"]
    ordering = ["-pk"]
    fields = [
        *("small_picture", "original_name", "workspace", "kind", "content_type", "width", "height", "size_bytes"),
        *("duration_seconds", "video_codec", "dominant_color", "alt_text", "original", "sha256", "file", "thumbnail"),
        *("uploaded_by", "uploaded_at", "deleted_at", "used_count"),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("pins.add_mediafile")

    def get_fields(self, request: HttpRequest, obj: MediaFile | None = None) -> Any:
        return ["workspace", "upload"] if obj is None else self.fields

    def get_form(self, request: HttpRequest, obj: MediaFile | None = None, change: bool = False, **kwargs: Any) -> Any:
        if change:
            return super().get_form(request, obj, change, **kwargs)
        kwargs |= {"form": MediaUploadForm, "fields": ["workspace"]}  # `upload` is declared, no column
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request  # type: ignore[attr-defined]  # the class is made for this request
        return form

    def save_model(self, request: HttpRequest, obj: MediaFile, form: Any, change: bool) -> None:
        """Save nothing, since the form has stored the file; say what became of it as the library does."""
        self.message_user(request, now_in_library(obj, form.arrived_at), messages.SUCCESS)
        if obj.notice:
            self.message_user(request, obj.notice, messages.INFO)

    def response_add(
        self, request: HttpRequest, obj: MediaFile, post_url_continue: str | None = None
    ) -> HttpResponseRedirect:
        """Return to the list without Django's own sentence, which calls even a known file “added”."""
        if "_continue" in request.POST:
            return redirect("admin:pins_mediafile_change", obj.pk)
        return redirect(f"admin:pins_mediafile_{'add' if '_addanother' in request.POST else 'changelist'}")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MediaFile]:
        return MediaFile.objects.with_used_count().order_by(*self.ordering)

    @admin.display(description="picture")
    def small_picture(self, media: MediaFile) -> str:
        return format_html('<img src="{}" alt="" height="60" loading="lazy">', media.thumbnail.url)

    @admin.display(description="pins")
    def used_count(self, media: Any) -> int:
        return media.used_count

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[Any, Any], set[Any], list]:
        """Return files that pins need as protected: then Django deletes nothing.

        Of the others, only the bytes are deleted.
        """
        needed = [f"{media}: needed by “{pin}”" for media in objs for pin in media_editing.pins_in_need_of(media)]
        perms_needed = set() if self.has_delete_permission(request) else {self.opts.verbose_name}
        return [str(media) for media in objs], {self.opts.verbose_name_plural: len(objs)}, perms_needed, needed

    def delete_model(self, request: HttpRequest, obj: MediaFile) -> None:
        media_editing.delete_media(obj, by=acting(request), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MediaFile]) -> None:
        for media in queryset:
            media_editing.delete_media(media, by=acting(request), now=timezone.now())
