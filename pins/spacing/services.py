"""What people change about spacing: the limits of an account, and a warning that they overrule."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.audit import services as audit
from accounts.models import AuditAction, PinterestAccount, User
from pins.lifecycle import events
from pins.models import Pin, PinEventKind, PinStatus

from .checks import check
from .findings import CODES, Finding
from .kept import decision, kept_by
from .limits import PREFIX, SpacingLimits
from .planned import Planned


def change_limits(account: PinterestAccount, limits: SpacingLimits, *, by: User, now: datetime) -> bool:
    """Write the limits of the account. False: it has them already. No pin moves by itself."""
    with transaction.atomic():
        fresh = PinterestAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
        if SpacingLimits.of(fresh) == limits:
            return False
        columns = {f"{PREFIX}{name}": value for name, value in vars(limits).items()}
        PinterestAccount.objects.filter(pk=account.pk).update(**columns)
        detail = f"Spacing: {limits}."
        audit.record(account.workspace_id, AuditAction.SETTINGS_CHANGED, str(account), by=by, now=now, detail=detail)
    return True


def planned_of(pin: Pin, now: datetime) -> Planned | None:
    """Return what the guard looks at of a pin that was read `with_content`.

    None for a draft without a time, for a failed pin, and once Pinterest has or may have it.
    """
    is_undated = pin.status == PinStatus.DRAFT and pin.publish_at is None
    if not pin.can_move or is_undated or pin.status == PinStatus.FAILED:
        return None
    return Planned.of(pin, now)


def findings_of(pin: Pin, now: datetime) -> list[Finding]:
    """Return what is to be said about a pin that was read `with_content`."""
    planned = planned_of(pin, now)
    return check(planned, pin.workspace.zone) if planned is not None else []


def keep(pin: Pin, codes: Collection[str], *, by: User, now: datetime) -> list[Finding]:
    """Overrule the warnings with these codes that the guard has about the pin, as its row is now.

    Its history says so. Returns what was overruled; nothing is written if there is none.
    """
    if not set(codes) & set(CODES):
        return []
    fresh = Pin.objects.with_content().get(pk=pin.pk)
    planned = planned_of(fresh, now)
    found = [finding for finding in findings_of(fresh, now) if finding.code in codes]
    if planned is None or not found:
        return []
    kept = decision(planned, kept_by(planned) | {finding.code for finding in found})
    with transaction.atomic():
        Pin.objects.filter(pk=pin.pk).update(spacing_kept=kept)
        text = " ".join(["Kept although there are warnings:", *(finding.message for finding in found)])
        events.note(fresh, PinEventKind.EDITED, by=by, now=now, text=text)
    return found
