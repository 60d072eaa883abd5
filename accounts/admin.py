"""The administration of people, workspaces and what they have connected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from accounts.audit.admin import AuditedDeletion, AuditedMemberships, Loss, acting, record_membership, record_settings
from accounts.deletion.admin import DeletionAdmin
from accounts.team.admin import LoneMembershipForm, MembershipInline, why_not_deleted
from postiz_pins.common.admin import numbers as admin_numbers  # noqa: F401  guards all pages
from postiz_pins.common.admin.columns import shortened
from postiz_pins.common.admin.filters import RecentFilter
from postiz_pins.common.admin.read_only import ReadOnlyAdmin

from .admin_actions import act_on_each, counted
from .api_keys import services as api_keys
from .connections import pausing
from .models import (
    ApiKey,
    AuditAction,
    AuditEntry,
    Board,
    Invitation,
    Membership,
    Notification,
    PinterestAccount,
    User,
    Workspace,
)
from .task_queue import admin as queue_admin  # noqa: F401  registers django-q2's models
from .webhooks import admin as webhooks_admin  # noqa: F401  registers webhooks

admin.site.site_header = "Postiz Pins"
admin.site.site_title = "Postiz Pins"
admin.site.index_title = "Administration"
# One way to sign in, with allauth's limit for wrong passwords; Django's own login page has none.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it

# They stay empty (auth/adapters.py): a filled-in form would do nothing, or show a token.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])
# Session keys open accounts, and the secrets of second steps help to; allauth's own forms show both.
admin.site.unregister([UserSession, Authenticator])


class LowercaseEmail(forms.ModelForm):
    """Store addresses in lower case, the only ones that allauth finds when a user signs in."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class UserAddForm(LowercaseEmail, AdminUserCreationForm):
    """The form that adds a user with an email address and a password."""

    class Meta:
        model = User
        fields = ["email"]


class UserForm(LowercaseEmail, UserChangeForm):
    """The form of a user, which closes an account only if its workspaces keep an admin."""

    def clean_is_active(self) -> bool:
        """Refuse to close an account whose workspaces would have no other admin."""
        is_active = bool(self.cleaned_data["is_active"])
        if self.initial["is_active"] and not is_active:
            memberships = self.instance.memberships.select_related("user", "workspace")
            if refusals := why_not_deleted(memberships):
                raise forms.ValidationError(refusals)
        return is_active


@admin.register(User)
class UserAdmin(DeletionAdmin, AuditedMemberships, StockUserAdmin):
    """Users with their memberships; a deletion waits like one that a user requests."""

    form = UserForm
    add_form = UserAddForm
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Name", {"fields": ["first_name", "last_name"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined", "delete_at"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]}),
    ]
    readonly_fields = ["last_login", "date_joined", "delete_at"]
    list_display = ["email", "first_name", "last_name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    inlines = [MembershipInline]

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # Its copies at allauth would still open the account and receive its new passwords. allauth makes a new one.
            EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Second steps: deleting those of a person who has lost the telephone lets that person in by password again."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["=user__email"]
    ordering = ["-pk"]
    fields = ["user", "type", "created_at", "last_used_at"]


@admin.register(Workspace)
class WorkspaceAdmin(DeletionAdmin, AuditedMemberships):
    """Workspaces with their members; a deletion waits like one that an admin requests."""

    list_display = ["name", "time_zone", "member_count", "created_at", "delete_at", "related"]
    search_fields = ["name", "=memberships__user__email"]
    readonly_fields = ["created_at", "delete_at"]
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        return super().get_queryset(request).annotate(member_count=_count_of(Membership, "workspace"))

    @admin.display(description="members")
    def member_count(self, workspace: Any) -> int:
        return workspace.member_count

    @admin.display(description="related")
    def related(self, workspace: Workspace) -> str:
        """Link the lists that show only this workspace: their filters offer the newest ones."""
        lists = [
            ("Accounts", "accounts_pinterestaccount", "workspace"),
            ("Boards", "accounts_board", "account__workspace"),
            ("Pins", "pins_pin", "workspace"),
            ("Media files", "pins_mediafile", "workspace"),
        ]
        links = ((reverse(f"admin:{name}_changelist"), path, workspace.pk, label) for label, name, path in lists)
        return format_html_join(" · ", '<a href="{}?{}__id__exact={}">{}</a>', links)

    def save_model(self, request: HttpRequest, obj: Workspace, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change:
            record_settings(form, by=acting(request), now=timezone.now())


@admin.register(Membership)
class MembershipAdmin(AuditedDeletion):
    """Memberships, each change of which is in the audit log of its workspace."""

    form = LoneMembershipForm
    list_display = ["user", "workspace", "role"]
    list_filter = ["role"]
    list_select_related = ["user", "workspace"]
    search_fields = ["user__email", "workspace__name"]
    autocomplete_fields = ["user", "workspace"]
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Membership, form: forms.ModelForm, change: bool) -> None:
        before = Membership.objects.filter(pk=obj.pk).select_related("user").first()
        super().save_model(request, obj, form, change)
        record_membership(before, obj, by=acting(request), now=timezone.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[Any, Any], set[Any], list]:
        """Add what stands against it: Django deletes nothing as long as something is listed as protected."""
        deleted, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, perms_needed, [*protected, *why_not_deleted(objs)]

    def losses(self, row: Membership) -> Iterable[Loss]:
        return [(row.workspace_id, AuditAction.REMOVED, str(row.user))]


@admin.register(Invitation)
class InvitationAdmin(AuditedDeletion, ReadOnlyAdmin):
    """Made on the page of the team, which mails the link; what makes the link work is shown nowhere."""

    list_display = ["email", "workspace", "role", "invited_by", "sent_at", "expires_at", "accepted_at", "cancelled_at"]
    list_filter = ["role", ("accepted_at", admin.EmptyFieldListFilter), ("cancelled_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace", "invited_by"]
    search_fields = ["email", "workspace__name", "=invited_by__email"]
    ordering = ["-pk"]
    fields = [
        *("email", "workspace", "role", "invited_by", "created_at", "sent_at", "expires_at"),
        *("accepted_at", "accepted_by", "cancelled_at"),
    ]

    def losses(self, row: Invitation) -> Iterable[Loss]:
        return [(row.workspace_id, AuditAction.DELETED, f"invitation for {row.email}")]


@admin.register(PinterestAccount)
class PinterestAccountAdmin(DeletionAdmin, ReadOnlyAdmin):
    """Consent, refreshing and disconnecting write these rows; their tokens appear nowhere, not even encrypted."""

    list_display = [
        *("__str__", "workspace", "status", "account_type", "board_count", "access_expires_at", "publishing_paused_at"),
    ]
    list_filter = ["status", ("publishing_paused_at", admin.EmptyFieldListFilter), ("workspace", RecentFilter)]
    list_select_related = ["workspace"]
    search_fields = ["username", "=pinterest_user_id", "workspace__name"]
    ordering = ["-pk"]
    fields = [
        *("username", "pinterest_user_id", "account_type", "workspace", "status", "trouble", "scopes", "related"),
        *("connected_at", "access_expires_at", "refresh_expires_at", "boards_synced_at", "posting_paused_until"),
        *("publishing_paused_at", "delete_at"),
    ]
    actions = (*DeletionAdmin.actions, "pause_publishing", "resume_publishing")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PinterestAccount]:
        return super().get_queryset(request).annotate(board_count=_count_of(Board, "account"))

    def has_pause_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may run the actions: with Django's permission to change accounts."""
        return request.user.has_perm("accounts.change_pinterestaccount")

    @admin.action(description="Pause publishing", permissions=["pause"])
    def pause_publishing(self, request: HttpRequest, queryset: QuerySet[PinterestAccount]) -> None:
        def pause(account: PinterestAccount, **how: Any) -> str:
            return "" if pausing.pause(account, **how) else "already paused"

        act_on_each(self, request, queryset, pause, "paused")

    @admin.action(description="Resume publishing", permissions=["pause"])
    def resume_publishing(self, request: HttpRequest, queryset: QuerySet[PinterestAccount]) -> None:
        def resume(account: PinterestAccount, **how: Any) -> str:
            return "" if pausing.resume(account, **how) else "not paused"

        act_on_each(self, request, queryset, resume, "resumed")

    @admin.display(description="boards")
    def board_count(self, account: Any) -> int:
        return account.board_count

    @admin.display(description="related")
    def related(self, account: PinterestAccount) -> str:
        query = f"?account__id__exact={account.pk}"
        boards, pins = reverse("admin:accounts_board_changelist"), reverse("admin:pins_pin_changelist")
        return format_html('<a href="{}{}">Boards</a> · <a href="{}{}">Pins</a>', boards, query, pins, query)


@admin.register(Board)
class BoardAdmin(AuditedDeletion, ReadOnlyAdmin):
    """Boards as Pinterest last listed them, read-only."""

    list_display = [shortened("name"), "workspace", "account", "privacy", "pinterest_id", "missing_since"]
    list_filter = [
        *("privacy", ("missing_since", admin.EmptyFieldListFilter)),
        *(("account__workspace", RecentFilter), ("account", RecentFilter)),
    ]
    list_select_related = ["account__workspace"]
    search_fields = ["name", "=pinterest_id", "=account__username", "account__workspace__name"]
    ordering = ["-pk"]

    @admin.display(ordering="account__workspace__name")
    def workspace(self, board: Board) -> Workspace:
        return board.account.workspace

    def losses(self, row: Board) -> Iterable[Loss]:
        return [(row.account.workspace_id, AuditAction.DELETED, f"board “{row.name}” of {row.account}")]


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Notifications, read-only: they show whether a user was notified, and when."""

    list_display = [shortened("text"), "user", "workspace", "kind", "at", "read_at", "wants_email", "emailed_at"]
    list_filter = ["kind"]
    list_select_related = ["user", "workspace"]
    search_fields = ["=user__email", "=workspace__name"]
    ordering = ["-pk"]


@admin.register(ApiKey)
class ApiKeyAdmin(AuditedDeletion, ReadOnlyAdmin):
    """Made on the page of the workspace, where the key is shown once; its hash is shown nowhere."""

    list_display = ["name", "prefix", "workspace", "created_by", "created_at", "last_used_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace", "created_by"]
    search_fields = ["name", "prefix", "=workspace__name", "=created_by__email"]
    ordering = ["-pk"]
    fields = ["name", "prefix", "workspace", "created_by", "created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    @admin.action(description="Revoke the selected keys", permissions=["delete"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        now = timezone.now()
        revoked = sum(api_keys.revoke(api_key, by=acting(request), now=now) for api_key in queryset)
        them = "it" if revoked == 1 else "them"
        sentence = f"{counted(self, revoked)} revoked. Programs that use {them} no longer have access."
        self.message_user(request, sentence, messages.SUCCESS if revoked else messages.WARNING)

    def losses(self, row: ApiKey) -> Iterable[Loss]:
        return [(row.workspace_id, AuditAction.DELETED, f"API key {row}")]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit logs of all workspaces, deleted ones included; no user can delete from them.

    No date hierarchy: for its links it would look at every row, on each visit.
    """

    list_display = ["at", "trail", "by_name", "action", shortened("target"), shortened("detail")]
    list_filter = ["action", "at"]
    search_fields = ["by_name", "target", "detail", "workspace__name"]
    ordering = ["-pk"]
    fields = ["at", "trail", "by_name", "action", "target", "detail"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        # Without it, a workspace that is gone would be asked for, and missed, by each row.
        return super().get_queryset(request).select_related("workspace")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="workspace", empty_value="none")
    def trail(self, entry: AuditEntry) -> str | None:
        if entry.workspace_id is None:
            return None
        return str(entry.workspace or f"deleted (ID {entry.workspace_id})")


def _count_of(model: type[Membership] | type[Board], path: str) -> Coalesce:
    """Return how many rows of `model` point at the row; counted for the rows of one page only."""
    rows = model._default_manager.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)
