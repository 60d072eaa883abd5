"""Faults made by hand in the code that publishes. The simulator must find each: killers.py says by which history.

A mutant replaces a piece of a function's source, once. If that piece is no longer there, its test says so: choose
another piece that means the same, and let `make simulate-mutants` look for a killer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`function` with `old` replaced by `new`. `hints` must stand in a plan for it to be tried at all."""

    name: str
    function: str
    old: str
    new: str
    hints: tuple[str, ...] = ()


PUBLISHING, OUTCOMES, VERIFICATION = (
    "pins.publishing.worker",
    "pins.publishing.outcomes",
    "pins.publishing.verification",
)
MUTANTS = (
    # The moment of sending, and the doubt that it is the memory of
    Mutant(
        "the moment of sending is not kept",
        f"{PUBLISHING}._create",
        "sent_at=sent_at, created_since=created_since):",
        "sent_at=None):",
        ("kill", "request"),
    ),
    Mutant(
        "a lost answer is no doubt",
        f"{PUBLISHING}._create",
        "isinstance(error, Unreachable) and error.was_sent",
        "False",
    ),
    Mutant(
        "a failed server is no doubt",
        f"{PUBLISHING}._create",
        "isinstance(error, ServerFailed) or",
        "False or",
        ("True",),
    ),
    Mutant("what never left is a doubt", f"{PUBLISHING}._create", "and error.was_sent", "and not error.was_sent"),
    Mutant(
        "one look is enough",
        "pins.publishing.worker.verify",
        "pin.looks += 1",
        "pin.looks = len(VERIFICATION_DELAYS)",
        ("'lag'",),
    ),
    Mutant(
        "a crash while creating is no doubt",
        f"{PUBLISHING}.verify",
        "mark_unconfirmed(pin, ",
        'setattr(pin, "sent_at", None) or wait(pin, timezone.now(), "", ',
        ("kill",),
    ),
    Mutant(
        "no look right before sending again",
        f"{PUBLISHING}._post",
        "pin.status == PinStatus.VERIFYING and not",
        "False and not",
        ("'lag'",),
    ),
    Mutant(
        "looks from the moment of looking on",
        "pins.publishing.verification.earliest_creation",
        "if pin.created_since is not None:",
        "if pin.created_since is not None and (now := now):\n        return now\n    if pin.created_since is not None:",
    ),
    Mutant(
        "an older pin is ours",
        f"{VERIFICATION}.find_created_pin",
        "if found.created_at >= since and",
        "if",
        ("lookalike", "tracked"),
    ),
    Mutant("other words are ours", f"{VERIFICATION}.find_created_pin", " and _has_words_of(found, pin)", ""),
    Mutant(
        "a link written in another way is another pin",
        f"{VERIFICATION}.find_created_pin",
        "return next(iter(candidates), None)",
        "return None",
        ("tracked",),
    ),
    Mutant(
        "white space makes another pin",
        f"{VERIFICATION}._plain",
        '" ".join(unicodedata.normalize("NFC", text).split())',
        "text",
    ),
    Mutant(
        "any kind of media is ours",
        f"{VERIFICATION}.find_created_pin",
        "found.media_type == media_type",
        "found.media_type != media_type",
    ),
    Mutant(
        "only the last page counts",
        "postiz_pins.pinterest.client.PinterestClient.fetch_board_pins_since",
        "pins |= page",
        "pins = page",
        ("page_size",),
    ),
    Mutant(
        "only the first page is looked at",
        "postiz_pins.pinterest.client.PinterestClient.fetch_board_pins_since",
        "if not bookmark or",
        "if True or",
        ("page_size",),
    ),
    Mutant(
        "no board is an answer",
        f"{PUBLISHING}._is_still_missing",
        "fail(pin, row.code",
        "pin.sent_at = None; fail(pin, row.code",
        ("board",),
    ),
    Mutant(
        "a board that cannot be read has no pin",
        f"{PUBLISHING}._is_still_missing",
        "postpone_verification(pin, error_text_of(error))\n        return False",
        "return True",
        ("answer",),
    ),
    Mutant(
        "a pin that may have gone out in a lost life is sent at once",
        f"{PUBLISHING}._is_published_unseen",
        "if not spans:",
        "if True:",
        ("restore", "retry"),
    ),
    Mutant("what is found is left", f"{PUBLISHING}._is_still_missing", "if created is not None:", "if False:"),
    # Claims, leases, moves
    Mutant(
        "a claim asks for nothing",
        "pins.publishing.claims._claimable",
        "step(Pin.objects.due(now), now)",
        "Pin.objects.filter(status__in=('scheduled', 'creating', 'verifying'))",
    ),
    Mutant(
        "a claim is taken from the living",
        "postiz_pins.common.leases.LeaseQuerySet.unclaimed",
        'self.filter(Q((self.until_column, None)) | Q((f"{self.until_column}__lte", now)))',
        "self.all()",
    ),
    Mutant(
        "a worker writes without its claim",
        "pins.lifecycle.transitions.transition",
        '{"claim_token": pin.claim_token} if by is None',
        "{} if by is None",
    ),
    Mutant(
        "a person writes over a newer version",
        "pins.lifecycle.transitions.transition",
        'else {"version": pin.version}',
        "else {}",
        ("do",),
    ),
    Mutant(
        "a move forgets the status it came from",
        "pins.lifecycle.transitions.transition",
        "status=pin.status, **seen",
        "**seen",
        ("do",),
    ),
    Mutant(
        "slots are not renewed",
        "pins.publishing.slots.SlotLease.renew",
        "self._row().renew(now + LEASE)",
        "True",
    ),
    Mutant(
        "slots have no limit",
        "pins.publishing.slots.claim_slot",
        '.unclaimed(now).filter(number__in=numbers).values_list("number", flat=True))\n'
        "    for number in random.sample(free, len(free)):\n"
        "        token = PostingSlot.objects.filter(number=number).claim(now,",
        '.filter(number__in=numbers).values_list("number", flat=True))\n'
        "    for number in random.sample(free, len(free)):\n"
        "        token = PostingSlot.objects.filter(number=number).claim(now + 2 * LEASE,",
    ),
    Mutant(
        "a slot is given back by whoever comes",
        "pins.publishing.slots.SlotLease.release",
        "self._row()",
        "PostingSlot.objects.filter(number=self.number)",
    ),
    Mutant(
        "a slot is never given back",
        "pins.publishing.slots.SlotLease.release",
        "self._row().release()",
        "self._row().renew('2027-01-01T00:00+00:00')",
    ),
    Mutant(
        "the answer to a lost claim is thrown away",
        f"{OUTCOMES}.publish",
        "if successor is not None:",
        "if False:",
        ("release claim",),
    ),
    # Failures, limits, tries
    Mutant(
        "a limit is a failure like any other",
        f"{OUTCOMES}.record_failure",
        "if isinstance(error, RateLimited):",
        "if False:",
        ("limit",),
    ),
    Mutant(
        "a limit holds for one pin",
        f"{OUTCOMES}.record_failure",
        ".filter(pk=claim.account.pk).update(",
        ".filter(pk=0).update(",
        ("limit",),
    ),
    Mutant(
        "the shortest wait counts", "postiz_pins.pinterest.http._pause_seconds", "max(waits)", "min(waits)", ("limit",)
    ),
    Mutant(
        "spam is a limit",
        "postiz_pins.pinterest.http._error",
        'status == 429 and "spam" in message.lower()',
        "False",
        ("spam",),
    ),
    Mutant(
        "a proxy is believed",
        "postiz_pins.pinterest.http._is_pinterests_error",
        "isinstance(body, dict) and",
        "body is None or",
        ("page4",),
    ),
    Mutant(
        "one failure is final",
        f"{OUTCOMES}.try_again_later",
        "if pin.attempts >= len(BACKOFF)",
        "if pin.attempts >= 0",
        ("answer",),
    ),
    Mutant(
        "a failure is tried again at once for ever",
        f"{OUTCOMES}.try_again_later",
        "pin.attempts += 1",
        "pin.attempts += 0",
        ("outage",),
    ),
    Mutant(
        "every failure is said to be Pinterest's",
        f"{OUTCOMES}._code_of_passing",
        "row.code if row.remedy is error_catalogue.Remedy.RETRY else",
        "''.strip() or",
        ("outage",),
    ),
    Mutant(
        "a file out of reach is final",
        f"{PUBLISHING}._create",
        "try_again_later(pin, error_catalogue.MEDIA_UNREADABLE.code",
        "fail(pin, error_catalogue.MEDIA_UNREADABLE.code",
        ("media",),
    ),
    # Tokens
    Mutant(
        "two refresh at once",
        "accounts.connections.tokens._refresh",
        "unchanged.claim(now, now + LEASE)",
        "unchanged.claim(now + 2 * LEASE, now + LEASE)",
        ("access_life",),
    ),
    Mutant(
        "the new refresh token is thrown away",
        "accounts.connections.tokens._exchange",
        "**token_columns(grant)",
        "**{name: value for name, value in token_columns(grant).items() if name != 'refresh_token_encrypted'}",
        ("access",),
    ),
    Mutant(
        "a refresh that fails kills the account",
        "accounts.connections.tokens._exchange",
        "if isinstance(error, AnsweredByProxy) or error.status not in REVOKED_STATUSES",
        "if False",
        ("token",),
    ),
    Mutant(
        "a dead token is asked with for ever",
        "accounts.connections.tokens.call",
        "_refresh(account, used)\n    try:",
        "pass\n    try:",
        ("revoke access",),
    ),
    Mutant(
        "a dead account does not hold its pins",
        f"{OUTCOMES}.record_failure",
        "elif isinstance(error, ReconnectNeeded):",
        "elif False:",
        ("revoke refresh",),
    ),
    # People
    Mutant(
        "a pin in doubt may be edited",
        "pins.composer.services.edit_pin",
        "sent_at=None, **expected",
        "**expected",
        ("edit",),
    ),
    Mutant(
        "an editor's edit stays approved",
        "pins.composer.services._why_back_to_draft",
        "(not is_proposal and may_publish(by, pin.workspace))",
        "True",
        ("edit as bob",),
    ),
    Mutant(
        "an approval counts for any version", "pins.scheduling.approval._take", ", version=version", "", ("approve",)
    ),
    Mutant(
        "trying again forgets the doubt",
        "pins.scheduling.services.retry",
        "PinStatus.VERIFYING if in_doubt_for is not None else PinStatus.SCHEDULED",
        "PinStatus.SCHEDULED",
    ),
    Mutant(
        "a pin that is being created may be deleted",
        "pins.composer.services.delete_pin",
        "locked is None or not locked.can_delete",
        "locked is None",
        ("delete",),
    ),
    Mutant(
        "a deleted pin's id is forgotten",
        "pins.composer.services.delete_pin",
        "if locked.pinterest_pin_id:",
        "if False:",
        ("delete",),
    ),
    # The clock
    Mutant(
        "the clock asks about nothing",
        "pins.publishing.dispatch.enqueue_due",
        "if free_to_ask else []",
        "if False else []",
    ),
    Mutant(
        "the clock posts nothing", "pins.publishing.dispatch.enqueue_due", "if free_slots else []", "if False else []"
    ),
    # Videos
    Mutant(
        "a stuck video is waited for for ever",
        "pins.publishing.video_upload.poll",
        "elif now - (pin.processing_since or now) >",
        "elif False and timedelta(0) >",
        ("video", "upload"),
    ),
    Mutant(
        "a video is created before it is processed",
        "pins.publishing.video_upload.poll",
        'if status == "succeeded"',
        'if status != "failed"',
        ("video", "processing"),
    ),
    Mutant(
        "a video that is gone is not uploaded again",
        f"{OUTCOMES}.record_outcome",
        "pin.media_ready_at is None",
        "False",
        ("video",),
    ),
)
