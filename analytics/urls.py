from django.urls import path

from . import api_document, views, views_insight, views_pins, views_summary

# Only a process that has addresses has a document of them.
api_document.describe()

app_name = "analytics"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("best-times/", views_insight.best_times, name="best_times"),
    path("best-times.json", views_insight.best_times_json, name="best_times_json"),
    path("best-times.csv", views_insight.best_times_csv, name="best_times_csv"),
    path("best-boards.csv", views_insight.best_boards_csv, name="best_boards_csv"),
    path("best-slot/", views_insight.best_slot, name="best_slot"),
    path("weekly-summary/", views_summary.weekly_summary, name="weekly_summary"),
    path("account.json", views.account_json, name="account_json"),
    path("account.csv", views.account_csv, name="account_csv"),
    path("report/", views.report, name="report"),
    path("refresh/", views.refresh, name="refresh"),
    path("pins/", views_pins.pin_list, name="pin_list"),
    path("pins.csv", views_pins.pin_list_csv, name="pin_list_csv"),
    path("pins/<str:pinterest_pin_id>.json", views_pins.pin_json, name="pin_json"),
    path("pins/<str:pinterest_pin_id>.csv", views_pins.pin_csv, name="pin_csv"),
    path("pins/<str:pinterest_pin_id>/", views_pins.pin_detail, name="pin_detail"),
]
