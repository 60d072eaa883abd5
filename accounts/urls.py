from django.urls import path

from . import views, views_api_keys, views_erasure, views_invitation, views_team

app_name = "accounts"
urlpatterns = [
    path("connections/", views.connection_list, name="connection_list"),
    path("connections/<int:pk>/refresh-boards/", views.board_refresh, name="board_refresh"),
    path("connections/<int:pk>/disconnect/", views.disconnect, name="disconnect"),
    path("connections/<int:pk>/delete/", views_erasure.account_erase, name="account_erase"),
    path("connections/<int:pk>/keep/", views_erasure.account_keep, name="account_keep"),
    # Without a slash at its end, as the specification writes it.
    path("boards", views.board_list, name="board_list"),
    path("boards/sections/", views.board_sections, name="board_sections"),
    path("workspace/new/", views.workspace_create, name="workspace_create"),
    path("workspace/switch/", views.workspace_switch, name="workspace_switch"),
    path("workspace/delete/", views_erasure.workspace_erase, name="workspace_erase"),
    path("workspace/keep/", views_erasure.workspace_keep, name="workspace_keep"),
    path("account/delete/", views_erasure.user_erase, name="user_erase"),
    path("account/keep/", views_erasure.user_keep, name="user_keep"),
    path("api-keys/", views_api_keys.api_key_list, name="api_key_list"),
    path("api-keys/<int:pk>/revoke/", views_api_keys.api_key_revoke, name="api_key_revoke"),
    path("team/", views_team.team, name="team"),
    path("team/leave/", views_team.team_leave, name="team_leave"),
    path("team/members/<int:pk>/role/", views_team.member_role, name="member_role"),
    path("team/members/<int:pk>/remove/", views_team.member_remove, name="member_remove"),
    path("team/invitations/<int:pk>/resend/", views_team.invitation_resend, name="invitation_resend"),
    path("team/invitations/<int:pk>/cancel/", views_team.invitation_cancel, name="invitation_cancel"),
    path("invitation/", views_invitation.invitation, name="invitation"),
    path("invitations/<str:token>/", views_invitation.invitation_open, name="invitation_open"),
]
