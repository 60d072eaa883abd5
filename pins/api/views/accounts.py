"""The connected accounts, and whether their pins go out."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import PinterestAccount
from pins.api.application import REFUSALS, ApiRequest, api
from pins.api.schemas import AccountAnswer


@api.get(
    "/accounts",
    response={200: list[AccountAnswer], **REFUSALS},
    operation_id="listAccounts",
    summary="List the Pinterest accounts",
)
def list_accounts(request: ApiRequest) -> Any:
    """Return the accounts of the workspace, and what keeps their pins from going out."""
    accounts = PinterestAccount.objects.in_workspace(request.auth.workspace).in_use().order_by("username", "pk")
    now = timezone.now()
    return [AccountAnswer.of(account, now) for account in accounts]
