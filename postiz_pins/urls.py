from django.contrib import admin
from django.urls import include, path, re_path

from analytics.dashboard import views as dashboard_views
from analytics.pin_report import families as family_views
from pins import urls as pins_urls
from pins.mcp.views import endpoint as mcp_endpoint
from postiz_pins.demo import views as demo_views
from postiz_pins.operations.views import status_page

urlpatterns = [
    # The dashboard and the page of a family show figures, too: their views are above the app of which their names are.
    path(
        "",
        include(
            (
                [
                    path("", dashboard_views.dashboard, name="dashboard"),
                    path("pins/families/<int:pk>/", family_views.family, name="pin_family"),
                    *pins_urls.urlpatterns,
                ],
                pins_urls.app_name,
            )
        ),
    ),
    path("demo/sample-data/", demo_views.sample_data, name="sample_data"),
    path("", include("accounts.urls")),
    path("", include("accounts.auth.urls")),
    # Before the API and MCP, to which it adds operations and a tool of its own.
    path("analytics/", include("analytics.urls")),
    path("api/", include("pins.api.urls")),
    re_path(r"^mcp/?$", mcp_endpoint, name="mcp"),
    path("admin/status/", admin.site.admin_view(status_page), name="admin_status"),
    path("admin/", admin.site.urls),
]

# Django asks here for the answer to what it refuses before any view sees it.
handler400 = "accounts.error_views.bad_request"
handler500 = "accounts.error_views.server_error"
# allauth asks here for the answer to too many requests.
handler429 = "accounts.auth.views.too_many_requests"
