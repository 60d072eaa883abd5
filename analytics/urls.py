from django.urls import path

from . import views

app_name = "analytics"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("account.json", views.account_json, name="account_json"),
    path("account.csv", views.account_csv, name="account_csv"),
    path("report/", views.report, name="report"),
    path("refresh/", views.refresh, name="refresh"),
]
