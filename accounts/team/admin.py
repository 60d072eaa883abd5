"""Memberships in the administration: roles, emails, and the rule that every team keeps an admin."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Membership, NotificationKind

from . import services as teams


class MembershipForm(forms.ModelForm):
    """A membership, with the kinds of emails that are muted as checkboxes."""

    muted_kinds = forms.MultipleChoiceField(
        label="Muted emails",
        choices=NotificationKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Membership
        fields = ["user", "workspace", "role", "muted_kinds"]


class LoneMembershipForm(MembershipForm):
    """A membership on a page of its own."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        before = Membership.objects.filter(pk=self.instance.pk).select_related("user", "workspace").first()
        if before is not None and not self.errors:
            try:
                teams.require_admins_left([(before, self.instance)])
            except teams.LastAdmin as refusal:
                self.add_error("role", str(refusal))


class MembershipFormSet(forms.models.BaseInlineFormSet):
    """The memberships of a user or of a workspace, which are saved together."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        saved = Membership.objects.filter(pk__in=[form.instance.pk for form in self.forms if form.instance.pk])
        before = {membership.pk: membership for membership in saved.select_related("user", "workspace")}
        changes = [
            (before.get(form.instance.pk), None if self._should_delete_form(form) else form.instance)  # type: ignore[attr-defined]
            for form in self.forms
            if form.instance.pk or form.has_changed()
        ]
        try:
            teams.require_admins_left(changes)
        except teams.LastAdmin as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class MembershipInline(admin.TabularInline):
    """The members on the page of a workspace or user."""

    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    autocomplete_fields = ["user", "workspace"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "workspace")


def why_not_deleted(memberships: Iterable[Membership]) -> list[str]:
    """Return the sentence that keeps these memberships from being deleted together, if there is one."""
    try:
        teams.require_admins_left([(membership, None) for membership in memberships])
    except teams.LastAdmin as refusal:
        return [str(refusal)]
    return []
