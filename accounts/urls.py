from django.urls import path

from . import privacy_views
from .api_keys import views as api_keys_views
from .audit import views as audit_views
from .auth import views as auth_views
from .connections import views
from .deletion import views as deletion_views
from .exports import views as exports_views
from .notifications import views as notifications_views
from .team import invitation_views
from .team import views as team_views
from .webhooks import views as webhooks_views
from .workspaces import views as workspaces_views

app_name = "accounts"
urlpatterns = [
    path("connections/", views.connection_list, name="connection_list"),
    path("connections/<int:pk>/refresh-boards/", views.board_refresh, name="board_refresh"),
    path("connections/<int:pk>/disconnect/", views.disconnect, name="disconnect"),
    path("connections/<int:pk>/delete/", deletion_views.account_delete, name="account_delete"),
    path("connections/<int:pk>/keep/", deletion_views.account_deletion_cancel, name="account_deletion_cancel"),
    # Without a slash at its end, as the specification writes it.
    path("boards", views.board_list, name="board_list"),
    path("boards/sections/", views.board_sections, name="board_sections"),
    path("workspace/", workspaces_views.workspace_settings, name="workspace_settings"),
    path("workspace/new/", workspaces_views.workspace_create, name="workspace_create"),
    path("workspace/switch/", workspaces_views.workspace_switch, name="workspace_switch"),
    path("workspace/audit/", audit_views.audit_trail, name="audit_trail"),
    path("workspace/audit.csv", audit_views.audit_trail_csv, name="audit_trail_csv"),
    path("workspace/exports/", exports_views.export_list, name="export_list"),
    path("workspace/exports/<int:pk>/download/", exports_views.export_download, name="export_download"),
    path("workspace/webhooks/", webhooks_views.webhook_list, name="webhook_list"),
    path("workspace/webhooks/<int:pk>/", webhooks_views.webhook_detail, name="webhook_detail"),
    path("workspace/webhooks/<int:pk>/rotate/", webhooks_views.webhook_rotate, name="webhook_rotate"),
    path("workspace/webhooks/<int:pk>/test/", webhooks_views.webhook_test, name="webhook_test"),
    path("workspace/webhooks/<int:pk>/switch/", webhooks_views.webhook_switch, name="webhook_switch"),
    path("workspace/webhooks/<int:pk>/delete/", webhooks_views.webhook_delete, name="webhook_delete"),
    path("workspace/webhooks/deliveries/<int:pk>/", webhooks_views.webhook_delivery, name="webhook_delivery"),
    path("workspace/webhooks/deliveries/<int:pk>/resend/", webhooks_views.webhook_resend, name="webhook_resend"),
    path("workspace/delete/", deletion_views.workspace_delete, name="workspace_delete"),
    path("workspace/keep/", deletion_views.workspace_deletion_cancel, name="workspace_deletion_cancel"),
    path("account/", auth_views.user_account, name="user_account"),
    path("account/rows/", auth_views.user_rows, name="user_rows"),
    path("account/delete/", deletion_views.user_delete, name="user_delete"),
    path("account/keep/", deletion_views.user_deletion_cancel, name="user_deletion_cancel"),
    path("api-keys/", api_keys_views.api_key_list, name="api_key_list"),
    path("api-keys/<int:pk>/revoke/", api_keys_views.api_key_revoke, name="api_key_revoke"),
    path("notifications/", notifications_views.notification_list, name="notification_list"),
    path("notifications/<int:pk>/", notifications_views.notification_open, name="notification_open"),
    path("notifications/read/", notifications_views.notifications_read, name="notifications_read"),
    path("notifications/settings/", notifications_views.notification_settings, name="notification_settings"),
    path("privacy/", privacy_views.privacy, name="privacy"),
    path("team/", team_views.team, name="team"),
    path("team/leave/", team_views.team_leave, name="team_leave"),
    path("team/members/<int:pk>/role/", team_views.member_role, name="member_role"),
    path("team/members/<int:pk>/remove/", team_views.member_remove, name="member_remove"),
    path("team/invitations/<int:pk>/resend/", team_views.invitation_resend, name="invitation_resend"),
    path("team/invitations/<int:pk>/cancel/", team_views.invitation_cancel, name="invitation_cancel"),
    path("invitation/", invitation_views.invitation, name="invitation"),
    path("invitations/<str:token>/", invitation_views.invitation_open, name="invitation_open"),
]
