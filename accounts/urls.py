from django.urls import path

from . import (
    views,
    views_api_keys,
    views_audit,
    views_exports,
    views_invitation,
    views_notifications,
    views_team,
    views_workspace,
)

app_name = "accounts"
urlpatterns = [
    path("connections/", views.connection_list, name="connection_list"),
    path("connections/<int:pk>/refresh-boards/", views.board_refresh, name="board_refresh"),
    path("connections/<int:pk>/disconnect/", views.disconnect, name="disconnect"),
    # Without a slash at its end, as the specification writes it.
    path("boards", views.board_list, name="board_list"),
    path("boards/sections/", views.board_sections, name="board_sections"),
    path("workspace/", views_workspace.workspace_settings, name="workspace_settings"),
    path("workspace/new/", views.workspace_create, name="workspace_create"),
    path("workspace/switch/", views.workspace_switch, name="workspace_switch"),
    path("workspace/audit/", views_audit.audit_trail, name="audit_trail"),
    path("workspace/audit.csv", views_audit.audit_trail_csv, name="audit_trail_csv"),
    path("workspace/exports/", views_exports.export_list, name="export_list"),
    path("workspace/exports/<int:pk>/download/", views_exports.export_download, name="export_download"),
    path("api-keys/", views_api_keys.api_key_list, name="api_key_list"),
    path("api-keys/<int:pk>/revoke/", views_api_keys.api_key_revoke, name="api_key_revoke"),
    path("notifications/", views_notifications.notification_list, name="notification_list"),
    path("notifications/<int:pk>/", views_notifications.notification_open, name="notification_open"),
    path("notifications/read/", views_notifications.notifications_read, name="notifications_read"),
    path("notifications/settings/", views_notifications.notification_settings, name="notification_settings"),
    path("team/", views_team.team, name="team"),
    path("team/leave/", views_team.team_leave, name="team_leave"),
    path("team/members/<int:pk>/role/", views_team.member_role, name="member_role"),
    path("team/members/<int:pk>/remove/", views_team.member_remove, name="member_remove"),
    path("team/invitations/<int:pk>/resend/", views_team.invitation_resend, name="invitation_resend"),
    path("team/invitations/<int:pk>/cancel/", views_team.invitation_cancel, name="invitation_cancel"),
    path("invitation/", views_invitation.invitation, name="invitation"),
    path("invitations/<str:token>/", views_invitation.invitation_open, name="invitation_open"),
]
