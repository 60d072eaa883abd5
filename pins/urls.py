from django.conf import settings
from django.urls import path
from django.urls.resolvers import URLPattern

from . import views
from .bulk import views as bulk_views
from .calendar_feed import views as feed_views
from .composer import autosave_views, fragment_views
from .composer import views as composer_views
from .errors import views as errors_views
from .exports import views as export_views
from .grid import views as grid_views
from .imports import views as import_views
from .listing import views as listing_views
from .media import editing_views
from .media import views as media_views
from .planning import new_pin
from .planning import views as planning_views
from .presets import views as presets_views
from .presets.kinds import KINDS
from .queue import times_views
from .queue import views as queue_views
from .search import views as search_views
from .spacing import views as spacing_views

app_name = "pins"
urlpatterns: list[URLPattern] = [
    path("pins/", listing_views.pin_list, name="pin_list"),
    path("pins/bulk/", bulk_views.bulk_start, name="bulk_start"),
    path("pins/bulk/<int:pk>/", bulk_views.bulk_change, name="bulk_change"),
    path("pins/grid/", grid_views.grid_page, name="grid"),
    path("pins/grid/<int:pk>/", grid_views.grid_row, name="grid_row"),
    path("calendar/", planning_views.calendar, name="calendar"),
    path("calendar/new/", new_pin.calendar_new, name="calendar_new"),
    path("calendar/feeds/", feed_views.calendar_feeds, name="calendar_feeds"),
    path("calendar/feeds/<int:pk>/revoke/", feed_views.calendar_feed_revoke, name="calendar_feed_revoke"),
    path("calendar/feed/<str:token>.ics", feed_views.feed_ics, name="feed_ics"),
    path("queue/", queue_views.queue, name="queue"),
    path("queue/<int:pk>/pause/", queue_views.queue_pause, name="queue_pause"),
    path("queue/<int:pk>/resume/", queue_views.queue_resume, name="queue_resume"),
    path("queue/<int:pk>/move/", queue_views.queue_move, name="queue_move"),
    path("publishing-times/", times_views.publishing_times_home, name="publishing_times_home"),
    path("connections/<int:pk>/times/", times_views.publishing_times, name="publishing_times"),
    path("connections/<int:pk>/spacing/", spacing_views.spacing, name="spacing"),
    path("pins/<int:pk>/keep/", spacing_views.pin_keep, name="pin_keep"),
    path("pins/<int:pk>/first/", queue_views.pin_first, name="pin_first"),
    path("pins/<int:pk>/move/", planning_views.pin_move, name="pin_move"),
    path("pins/export/", export_views.export_page, name="export_page"),
    path("pins/export/pinterest/", export_views.export_pinterest, name="export_pinterest"),
    path("pins/import/", import_views.import_list, name="import_list"),
    path("pins/import/<int:pk>/", import_views.import_detail, name="import_detail"),
    path("pins/import/<int:pk>/start/", import_views.import_start, name="import_start"),
    path("pins/import/<int:pk>/rows/<int:number>/", import_views.import_row, name="import_row"),
    path("pins/import/<int:pk>/problems.csv", import_views.import_problems, name="import_problems"),
    path("pins/import/<int:pk>/delete/", import_views.import_delete, name="import_delete"),
    path("pins/new/", composer_views.pin_create, name="pin_create"),
    path("pins/<int:pk>/", views.pin_detail, name="pin_detail"),
    path("pins/<int:pk>/edit/", composer_views.pin_edit, name="pin_edit"),
    path("pins/autosave/", autosave_views.pin_autosave_new, name="pin_autosave_new"),
    path("pins/<int:pk>/autosave/", autosave_views.pin_autosave, name="pin_autosave"),
    path("pins/files/", fragment_views.pin_files, name="pin_files"),
    path("pins/checklist/", fragment_views.pin_checklist, name="pin_checklist"),
    path("pins/link-preset/", fragment_views.pin_link_preset, name="pin_link_preset"),
    path("pins/link-preview/", fragment_views.pin_link_preview, name="pin_link_preview"),
    path("pins/<int:pk>/cancel/", views.pin_cancel, name="pin_cancel"),
    path("pins/<int:pk>/approve/", views.pin_approve, name="pin_approve"),
    path("pins/<int:pk>/send-back/", views.pin_send_back, name="pin_send_back"),
    path("pins/<int:pk>/take-back/", views.pin_take_back, name="pin_take_back"),
    path("pins/<int:pk>/schedule/", views.pin_schedule, name="pin_schedule"),
    path("pins/<int:pk>/retry/", views.pin_retry, name="pin_retry"),
    path("pins/<int:pk>/duplicate/", views.pin_duplicate, name="pin_duplicate"),
    path("pins/<int:pk>/delete/", views.pin_delete, name="pin_delete"),
    path("pins/<int:pk>/comments/", views.comment_add, name="comment_add"),
    path("comments/<int:pk>/delete/", views.comment_delete, name="comment_delete"),
    path("media/", media_views.media_list, name="media_list"),
    path("media/upload/", media_views.media_upload, name="media_upload"),
    path("media/fetch/", media_views.media_fetch, name="media_fetch"),
    path("presets/", presets_views.preset_list, name="preset_list"),
    path("search/", search_views.search_page, name="search"),
    path("help/", errors_views.help_page, name="help"),
    path("media/choose/", media_views.media_choose, name="media_choose"),
    path("media/<int:pk>/", media_views.media_detail, name="media_detail"),
    path("media/<int:pk>/crop/", editing_views.media_crop, name="media_crop"),
    path("media/<int:pk>/frames/", editing_views.media_frames, name="media_frames"),
    path("media/<int:pk>/delete/", media_views.media_delete, name="media_delete"),
    path("thumbnails/<str:size>/<path:name>", media_views.media_thumbnail, name="media_thumbnail"),
]
for name in KINDS:
    folder = f"presets/{name.replace('_', '-')}s/"
    kind = {"kind": name}
    urlpatterns += [
        path(f"{folder}new/", presets_views.preset_create, kind, name=f"{name}_create"),
        path(f"{folder}<int:pk>/", presets_views.preset_edit, kind, name=f"{name}_edit"),
        path(f"{folder}<int:pk>/delete/", presets_views.preset_delete, kind, name=f"{name}_delete"),
    ]
if settings.MEDIA_URL.startswith("/"):  # an absolute one points to a storage of its own
    urlpatterns.append(
        path(f"{settings.MEDIA_URL.lstrip('/')}<path:name>", media_views.media_content, name="media_content")
    )
if settings.S3_DIRECT_UPLOADS:
    from .direct_uploads import views as direct_upload_views  # only where its packages are installed

    urlpatterns += [
        path("media/uploads/", direct_upload_views.upload_begin, name="upload_begin"),
        path("media/uploads/<uuid:pk>/parts/<int:number>/", direct_upload_views.upload_part, name="upload_part"),
        path("media/uploads/<uuid:pk>/finish/", direct_upload_views.upload_finish, name="upload_finish"),
        path("media/uploads/<uuid:pk>/cancel/", direct_upload_views.upload_cancel, name="upload_cancel"),
    ]
