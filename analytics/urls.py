from django.urls import path

from .account_report import views
from .api import document
from .api import tools as mcp_tools  # noqa: F401  # importing these adds them to the API, and to MCP
from .api import views as api_views  # noqa: F401
from .best_times import views as best_times_views
from .pin_report import views as pin_report_views
from .plan_export import views as plan_export_views
from .weekly_summary import views as weekly_summary_views

# Only a process that has addresses has a document of them.
document.describe()

app_name = "analytics"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("best-times/", best_times_views.best_times, name="best_times"),
    path("best-times.json", best_times_views.best_times_json, name="best_times_json"),
    path("best-times.csv", best_times_views.best_times_csv, name="best_times_csv"),
    path("best-boards.csv", best_times_views.best_boards_csv, name="best_boards_csv"),
    path("best-slot/", best_times_views.best_slot, name="best_slot"),
    path("weekly-summary/", weekly_summary_views.weekly_summary, name="weekly_summary"),
    path("weekly-summary/preview/", weekly_summary_views.preview, name="weekly_summary_preview"),
    path("account.json", views.account_json, name="account_json"),
    path("account.csv", views.account_csv, name="account_csv"),
    path("report/", views.report, name="report"),
    path("tags/", views.tag_list, name="tag_list"),
    path("refresh/", views.refresh, name="refresh"),
    path("pins/", pin_report_views.pin_list, name="pin_list"),
    path("plan.csv", plan_export_views.plan_csv, name="plan_csv"),
    path("pins.csv", pin_report_views.pin_list_csv, name="pin_list_csv"),
    path("pins/<str:pinterest_pin_id>.json", pin_report_views.pin_json, name="pin_json"),
    path("pins/<str:pinterest_pin_id>.csv", pin_report_views.pin_csv, name="pin_csv"),
    path("pins/<str:pinterest_pin_id>/", pin_report_views.pin_detail, name="pin_detail"),
]
