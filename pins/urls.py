from django.conf import settings
from django.urls import path
from django.urls.resolvers import URLPattern

from . import views
from .composer import autosave_views
from .composer import views as composer_views
from .errors import views as errors_views
from .media import editing_views
from .media import views as media_views
from .planning import views as planning_views

app_name = "pins"
urlpatterns: list[URLPattern] = [
    path("", views.dashboard, name="dashboard"),
    path("pins/", views.pin_list, name="pin_list"),
    path("calendar/", planning_views.calendar, name="calendar"),
    path("pins/<int:pk>/move/", planning_views.pin_move, name="pin_move"),
    path("pins/new/", composer_views.pin_create, name="pin_create"),
    path("pins/<int:pk>/", views.pin_detail, name="pin_detail"),
    path("pins/<int:pk>/edit/", composer_views.pin_edit, name="pin_edit"),
    path("pins/autosave/", autosave_views.pin_autosave_new, name="pin_autosave_new"),
    path("pins/<int:pk>/autosave/", autosave_views.pin_autosave, name="pin_autosave"),
    path("pins/<int:pk>/cancel/", views.pin_cancel, name="pin_cancel"),
    path("pins/<int:pk>/approve/", views.pin_approve, name="pin_approve"),
    path("pins/<int:pk>/send-back/", views.pin_send_back, name="pin_send_back"),
    path("pins/<int:pk>/retry/", views.pin_retry, name="pin_retry"),
    path("pins/<int:pk>/duplicate/", views.pin_duplicate, name="pin_duplicate"),
    path("pins/<int:pk>/delete/", views.pin_delete, name="pin_delete"),
    path("media/", media_views.media_list, name="media_list"),
    path("media/upload/", media_views.media_upload, name="media_upload"),
    path("media/fetch/", media_views.media_fetch, name="media_fetch"),
    path("help/", errors_views.help_page, name="help"),
    path("media/choose/", media_views.media_choose, name="media_choose"),
    path("media/match-size/", editing_views.media_match_size, name="media_match_size"),
    path("media/<int:pk>/", media_views.media_detail, name="media_detail"),
    path("media/<int:pk>/attachment/", media_views.media_attachment, name="media_attachment"),
    path("media/<int:pk>/crop/", editing_views.media_crop, name="media_crop"),
    path("media/<int:pk>/frames/", editing_views.media_frames, name="media_frames"),
    path("media/<int:pk>/delete/", media_views.media_delete, name="media_delete"),
]
if settings.MEDIA_URL.startswith("/"):  # an absolute one points to a storage of its own
    urlpatterns.append(
        path(f"{settings.MEDIA_URL.lstrip('/')}<path:name>", media_views.media_content, name="media_content")
    )
