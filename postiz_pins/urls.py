from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("pins.urls")),
    path("", include("accounts.urls")),
    path("", include("accounts.auth.urls")),
    path("api/", include("pins.api.views")),
    path("analytics/", include("analytics.urls")),
    path("admin/", admin.site.urls),
]

# Django asks here for the answer to what it refuses before any view sees it.
handler400 = "accounts.error_views.bad_request"
handler500 = "accounts.error_views.server_error"
# allauth asks here for the answer to too many requests.
handler429 = "accounts.auth.views.too_many_requests"
