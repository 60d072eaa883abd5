"""Publishing, the workers' side: the row is the job, and each step begins with a claim.

    draft -> scheduled -> [uploading -> processing ->] creating -> published
                          creating -> verifying -> published | creating | failed
                          uploading | processing | creating -> scheduled (to be tried again) | failed

docs/architecture.md tells the reasons; scheduling/services.py has the steps that people take, video_upload.py those
that only videos take, and outcomes.py what can come of a step.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.connections import tokens
from pins.errors import catalogue as error_catalogue
from pins.errors import lookup as error_lookup
from pins.errors.lookup import rate_limit_reached
from pins.lifecycle.transitions import transition
from pins.models import CLOCK, VERIFICATION_DELAYS, Pin, PinEventKind, PinQuerySet, PinStatus
from pins.rules import composition
from postiz_pins.database.prepared_queries import ANY_KEY, Prepared
from postiz_pins.pinterest import server_clock
from postiz_pins.pinterest.errors import (
    PinterestClientError,
    PinterestError,
    RateLimited,
    ReconnectNeeded,
    ServerFailed,
    Unreachable,
)
from postiz_pins.runtime import stopping

from . import ahead, heartbeats, payload, video_upload
from .board_listings import BoardListings
from .claims import Claim, WorkerLease, claim_pin, give_back
from .heartbeats import lost_spans, made_in
from .next_pins import next_to_ask_about, next_to_post
from .outcomes import (
    error_text_of,
    fail,
    file_error_text,
    mark_unconfirmed,
    postpone_verification,
    publish,
    record_failure,
    reported,
    resume_publishing,
    schedule_verification,
    send_again_later,
    try_again_later,
    verify_after_reconnect,
    wait,
)
from .slots import LimitReached, SlotLease, claim_slot, renewing
from .verification import Undecided, find_created_pin

log = logging.getLogger(__name__)

# How long a worker goes on taking due pins before it gives other tasks a turn.
WORKER_TURN = timedelta(seconds=60)


def advance(pin_id: int) -> None:
    """Take the pin a step further if it is due, then other due pins as long as the worker's turn lasts.

    A process that has been asked to stop ends its turn after the pin at hand, and begins none.
    """
    if stopping.is_requested():
        return
    if _IS_ASKED_ABOUT.rows(timezone.now(), 1, pin_id):
        ready_pin_id = _ask_about_due_pins(pin_id)
        if ready_pin_id is None:
            return
        pin_id = ready_pin_id
    slot = claim_slot(timezone.now())
    if slot is None:
        return  # the holders of the slots take the due pins one after the other
    try:
        _post_due_pins(pin_id, slot)
    finally:
        slot.release()


def _asked_about(now: datetime) -> QuerySet[Pin, Any]:
    # Not while another worker is at it: it may be a pin that another message was about, too, and others wait.
    pins = Pin.objects.unclaimed(now).filter(pk=ANY_KEY)
    return (pins.to_ask_about(now) | pins.overdue(now)).values_list("pk")


_IS_ASKED_ABOUT = Prepared(_asked_about)


def _ask_about_due_pins(first_pin_id: int) -> int | None:
    """Ask about the pin, then about others that are due, as long as the turn lasts.

    The first one that can be created at once ends it: its id is returned.
    """
    lease = WorkerLease(None, ends_at=timezone.now() + WORKER_TURN)
    pin_ids = [first_pin_id]
    while pin_ids:
        if ask_about(pin_ids[0], lease.listings):
            return pin_ids[0]
        now = timezone.now()
        pin_ids = [] if lease.is_over(now) else next_to_ask_about(now)
    return None


def ask_about(pin_id: int, listings: BoardListings) -> bool:
    """Ask Pinterest what has become of the pin or of its video. True: it can be created at once, if there is a slot.

    No slot is needed, since nothing is posted.
    """
    claim = claim_pin(pin_id, PinQuerySet.to_ask_about)
    is_overdue = claim is None
    claim = claim or claim_pin(pin_id, PinQuerySet.overdue)
    if claim is None:
        return False
    pin = claim.pin
    with renewing(WorkerLease(None, pin=pin).renew), reported(pin):
        if is_overdue and not _verification_of_overdue(pin):
            return False
        if pin.status == PinStatus.PROCESSING:
            return video_upload.poll(claim)
        verify(claim, listings)
    return False


def _verification_of_overdue(pin: Pin) -> bool:
    """Mark a pin as unconfirmed that may have been sent in a time this database knows nothing of.

    Returns False if the pin has been given back instead.
    """
    now = timezone.now()
    heartbeats.beat(CLOCK, now)  # were there no clock at all, looking would never end
    if pin.status == PinStatus.VERIFYING:
        return True
    columns: dict[str, Any] = {"sent_at": now, "overdue_since": pin.next_attempt_at, "looks": 0}
    if pin.status == PinStatus.UPLOADING:
        for name, value in columns.items():
            setattr(pin, name, value)
        _count_broken_upload(pin)
        return False
    text = "The pin is late. We check the board first, in case it was already published."
    columns |= {"next_attempt_at": now, "error_code": "", "error_text": ""}
    return transition(pin, PinStatus.VERIFYING, PinEventKind.VERIFYING, text=text, **columns)


def _post_due_pins(first_pin_id: int, slot: SlotLease) -> None:
    lease = WorkerLease(slot, ends_at=timezone.now() + WORKER_TURN)
    # One thread for the whole turn, since starting and joining one costs half a millisecond.
    with renewing(lease.renew):
        try:
            claim = claim_pin(first_pin_id, PinQuerySet.to_post) or _claim_next(timezone.now(), slot)
            while claim is not None and post(claim, lease):
                claim = _claim_next_in(lease)
        finally:
            ahead.give_up(lease)


def _claim_next_in(lease: WorkerLease) -> Claim | None:
    now = timezone.now()
    return None if lease.is_over(now) else ahead.take_over(lease, now) or _claim_next(now, lease.slot)


def _claim_next(now: datetime, slot: SlotLease | None) -> Claim | None:
    """Return the pin to post next, ours for a lease: the first that no other worker takes at this moment.

    Where others were faster with all that a look has shown, there may be more behind.
    """
    tried: set[int] = set()
    while pin_ids := [pin_id for pin_id in next_to_post(now, slot) if pin_id not in tried]:
        for pin_id in pin_ids:
            if (claim := claim_pin(pin_id, PinQuerySet.to_post)) is not None:
                return claim
        tried.update(pin_ids)
        now = timezone.now()
    return None


def post(claim: Claim, lease: WorkerLease) -> bool:
    """Check the claimed pin once more, send it or its video to Pinterest and write the outcome.

    A pin that a limit forbids at this moment is given back. Returns False if the slot has been lost, and nothing may be
    posted under it.
    """
    pin, is_ours, is_allowed = claim.pin, True, True
    try:
        is_uploading = pin.has_video and pin.media_ready_at is None
        is_ours = lease.slot is None or lease.slot.serve(pin.account_id, timezone.now(), is_uploading=is_uploading)
    except LimitReached:
        is_allowed = False
    if not is_ours or not is_allowed:
        give_back(pin.pk, pin.claim_token)
        return is_ours
    lease.pin = pin
    lease.note_progress()
    with reported(pin):
        _post(claim, lease)
    lease.pin = None
    return True


def _post(claim: Claim, lease: WorkerLease) -> None:
    pin, account = claim.pin, claim.account
    if pin.status == PinStatus.UPLOADING:
        _count_broken_upload(pin)
        return
    if pin.status == PinStatus.VERIFYING and not _is_still_missing(claim, BoardListings()):
        return
    problems = composition.check(composition.Composition.of(pin))
    paused_until = account.posting_paused_until
    if problems and problems[0].code == "account_not_connected":  # it died a moment ago: its pins wait for it
        wait(pin, timezone.now(), error_catalogue.RECONNECT_NEEDED.code, problems[0].message)
    elif problems:
        fail(pin, problems[0].code, " ".join(problem.message for problem in problems))
    elif paused_until is not None and paused_until > timezone.now():  # a pin in doubt is looked for all the same
        wait(pin, paused_until, error_catalogue.RATE_LIMITED.code, rate_limit_reached(pin, account))
    elif account.publishing_paused_at is not None:  # a moment ago
        wait(pin, timezone.now(), "", "An administrator has paused publishing.")
    elif pin.is_held_by_queue:  # likewise
        wait(pin, timezone.now(), "", "The queue is paused.")
    elif pin.status != PinStatus.VERIFYING and _is_published_unseen(claim, lease):
        return
    elif pin.video is not None and pin.media_ready_at is None:
        video_upload.upload(claim, lease)
    else:
        _create(claim, lease)


def _is_published_unseen(claim: Claim, lease: WorkerLease) -> bool:
    """Search the board right before sending, for a pin that may have been published in a lost time (heartbeats.py).

    True: it has been found, or the board could not be read, and what follows from that is written down. It is in no
    doubt meanwhile: a person may edit or unschedule it, and it is searched for again before the next attempt.
    """
    pin, now = claim.pin, timezone.now()
    spans = lost_spans(pin, now)
    if not spans:
        return False
    pin.overdue_since = spans[0].began_at
    try:
        listing = lease.listings.of(claim, now)
        created = find_created_pin(pin, made_in(spans, listing.pins, now), now)
    except RateLimited as error:
        # Another limit than that for posting, so the account is not paused.
        until = now + timedelta(seconds=error.retry_after_seconds)
        wait(pin, until, error_catalogue.RATE_LIMITED.code, error_text_of(error))
        return True
    except PinterestClientError as error:
        if error.status == 404:  # on a board that is gone there is no pin either
            return False
        record_failure(claim, error)
        return True
    except PinterestError as error:
        record_failure(claim, error)
        return True
    except Undecided:
        wait(pin, now + VERIFICATION_DELAYS[0], "", "Pinterest lists a pin that may be this one or a similar one.")
        return True
    finally:
        pin.overdue_since = None
    if created is not None:
        publish(pin, created.id, created.created_at, text="The board had it already.")
    elif not listing.is_complete:
        try_again_later(pin, error_catalogue.PINTEREST_FAILED.code, "Pinterest's list of the board's pins has no end.")
    return created is not None or not listing.is_complete


def _count_broken_upload(pin: Pin) -> None:
    """Count a broken upload as an attempt: a file that kills its workers must not do so for ever."""
    try_again_later(pin, error_catalogue.UPLOAD_BROKEN.code, "The server stopped during the upload.")


def _create(claim: Claim, lease: WorkerLease) -> None:
    pin = claim.pin
    try:
        request = payload.build_pin_payload(pin)
    except OSError as error:
        log.exception("Pin %s: an attachment cannot be read", pin.pk)
        try_again_later(pin, error_catalogue.MEDIA_UNREADABLE.code, file_error_text(error))
        return
    try:
        tokens.ensure_fresh(claim.account)
    except PinterestError as error:
        record_failure(claim, error)
        return
    # Of a pin that is sent again because the board did not show it: its first request may be heard of yet.
    doubt_before = pin.sent_at, pin.created_since
    sent_at, created_since = doubt_before if pin.sent_at else (timezone.now(), server_clock.earliest_now())
    if not transition(pin, PinStatus.CREATING, PinEventKind.SENDING, sent_at=sent_at, created_since=created_since):
        return  # cancelled or edited a moment ago
    try:
        created = claim.call(lambda client: ahead.request_and_look_ahead(lease, lambda: client.create_pin(request)))
    except PinterestError as error:
        if isinstance(error, ServerFailed) or (isinstance(error, Unreachable) and error.was_sent):
            mark_unconfirmed(pin, error_text_of(error), error_lookup.explain(error).code)
            return
        pin.sent_at, pin.created_since = doubt_before
        record_failure(claim, error)
        return
    publish(pin, created.id, created.created_at)


def verify(claim: Claim, listings: BoardListings) -> None:
    """Look whether Pinterest has the pin after all, and decide: published, look again, send again, or failed."""
    pin = claim.pin
    if pin.status == PinStatus.CREATING:
        mark_unconfirmed(pin, "The server stopped before Pinterest's reply arrived.")
        return
    if pin.status != PinStatus.VERIFYING or not _is_still_missing(claim, listings):
        return
    if pin.overdue_since is not None:
        resume_publishing(pin)
        return
    if pin.looks >= len(VERIFICATION_DELAYS):  # it waited long; one look is left
        wait(pin, timezone.now(), pin.error_code, pin.error_text, text="The pin isn't on the board.")
        return
    pin.looks += 1
    if pin.looks < len(VERIFICATION_DELAYS):
        gap = VERIFICATION_DELAYS[pin.looks] - VERIFICATION_DELAYS[pin.looks - 1]
        schedule_verification(pin, timezone.now() + gap, "The pin isn't on the board yet.")
    else:
        send_again_later(pin)


def _is_still_missing(claim: Claim, listings: BoardListings) -> bool:
    """Search the board for a pin in doubt.

    False: it has been found, or the search has told nothing, and what follows from that is written down.
    """
    pin, now = claim.pin, timezone.now()
    try:
        listing = listings.of(claim, now)
    except RateLimited as error:
        schedule_verification(pin, now + timedelta(seconds=error.retry_after_seconds), error_text_of(error))
        return False
    except ReconnectNeeded as error:
        verify_after_reconnect(pin, error_text_of(error))
        return False
    except PinterestClientError as error:
        # No board is no answer: it may come back, and the pin with it.
        row = error_lookup.explain(error) if error.status == 404 else error_catalogue.UNVERIFIED
        fail(pin, row.code, error_text_of(error))
        return False
    except PinterestError as error:
        postpone_verification(pin, error_text_of(error))
        return False
    try:
        created = find_created_pin(pin, listing.pins, now)
    except Undecided:
        postpone_verification(pin, "The board has a pin that may be this one, or another one with the same text.")
        return False
    if created is not None:
        publish(pin, created.id, created.created_at)
        return False
    if not listing.is_complete:
        postpone_verification(pin, "Pinterest's list of the board's pins was incomplete.")
    return listing.is_complete
