"""The audit trail as tests read it."""

from accounts.models import AuditEntry


def trail(workspace):
    """The workspace's entries, the oldest first: (action, target, who, detail)."""
    entries = AuditEntry.objects.in_workspace(workspace).order_by("pk")
    return list(entries.values_list("action", "target", "by_name", "detail"))
