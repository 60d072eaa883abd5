"""Members, roles and invitations of a workspace."""
