from django.urls import path

from . import views, views_api_keys

app_name = "accounts"
urlpatterns = [
    path("connections/", views.connection_list, name="connection_list"),
    path("connections/<int:pk>/refresh-boards/", views.board_refresh, name="board_refresh"),
    path("connections/<int:pk>/disconnect/", views.disconnect, name="disconnect"),
    # Without a slash at its end, as the specification writes it.
    path("boards", views.board_list, name="board_list"),
    path("workspace/new/", views.workspace_create, name="workspace_create"),
    path("workspace/switch/", views.workspace_switch, name="workspace_switch"),
    path("api-keys/", views_api_keys.api_key_list, name="api_key_list"),
    path("api-keys/<int:pk>/revoke/", views_api_keys.api_key_revoke, name="api_key_revoke"),
]
