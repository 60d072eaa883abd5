from django.conf import settings
from django.urls import path
from django.urls.resolvers import URLPattern

from . import views, views_autosave, views_composer, views_help, views_media, views_media_editing

app_name = "pins"
urlpatterns: list[URLPattern] = [
    path("", views.dashboard, name="dashboard"),
    path("pins/", views.pin_list, name="pin_list"),
    path("pins/new/", views_composer.pin_create, name="pin_create"),
    path("pins/<int:pk>/", views.pin_detail, name="pin_detail"),
    path("pins/<int:pk>/edit/", views_composer.pin_edit, name="pin_edit"),
    path("pins/autosave/", views_autosave.pin_autosave_new, name="pin_autosave_new"),
    path("pins/<int:pk>/autosave/", views_autosave.pin_autosave, name="pin_autosave"),
    path("pins/<int:pk>/cancel/", views.pin_cancel, name="pin_cancel"),
    path("pins/<int:pk>/approve/", views.pin_approve, name="pin_approve"),
    path("pins/<int:pk>/send-back/", views.pin_send_back, name="pin_send_back"),
    path("pins/<int:pk>/retry/", views.pin_retry, name="pin_retry"),
    path("pins/<int:pk>/duplicate/", views.pin_duplicate, name="pin_duplicate"),
    path("pins/<int:pk>/delete/", views.pin_delete, name="pin_delete"),
    path("media/", views_media.media_list, name="media_list"),
    path("media/upload/", views_media.media_upload, name="media_upload"),
    path("media/fetch/", views_media.media_fetch, name="media_fetch"),
    path("help/", views_help.help_page, name="help"),
    path("media/choose/", views_media.media_choose, name="media_choose"),
    path("media/match-size/", views_media_editing.media_match_size, name="media_match_size"),
    path("media/<int:pk>/", views_media.media_detail, name="media_detail"),
    path("media/<int:pk>/attachment/", views_media.media_attachment, name="media_attachment"),
    path("media/<int:pk>/crop/", views_media_editing.media_crop, name="media_crop"),
    path("media/<int:pk>/frames/", views_media_editing.media_frames, name="media_frames"),
    path("media/<int:pk>/delete/", views_media.media_delete, name="media_delete"),
]
if settings.MEDIA_URL.startswith("/"):  # an absolute one points to a storage of its own
    urlpatterns.append(
        path(f"{settings.MEDIA_URL.lstrip('/')}<path:name>", views_media.media_content, name="media_content")
    )
