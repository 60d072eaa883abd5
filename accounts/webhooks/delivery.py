"""Deliveries on their way: found by the clock, sent by one worker, and tried again while a receiver fails.

One worker at a time over all machines sends them, many at once, so receivers that hang take neither a posting slot nor
another worker. A worker that is killed leaves claims that end by themselves: those deliveries are sent again, with the
same id.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import DeliveryStatus, WebhookDelivery, WebhookDeliveryQuerySet, WebhookEndpoint
from postiz_pins import queueing
from postiz_pins.common.encryption import KeyMissing
from postiz_pins.common.turns import is_taken, turn
from postiz_pins.database.prepared_queries import Prepared
from postiz_pins.runtime import stopping

from . import health, sending
from .sending import Answer

TASK = "accounts.tasks.deliver_webhooks"
# After each failure; one more has failed for good.
RETRY_DELAYS = (
    *(timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=2), timedelta(hours=8), timedelta(hours=24)),
)
# While an endpoint gives no answer, what else it is to be sent waits for so long at most.
LONGEST_PAUSE = timedelta(minutes=1)
TURN_KEY = "webhooks-turn"
# After so long a worker gives other tasks a turn.
TURN_SECONDS = 60.0
# Longer than what is on its way then can take; the turn of a worker that has died ends by itself.
TURN_LEASE_SECONDS = TURN_SECONDS + 2 * sending.TIMEOUT_SECONDS
# Longer than a request can take; beyond it the worker has died.
LEASE = timedelta(seconds=3 * sending.TIMEOUT_SECONDS)
# Threads, among them those that were left behind.
AT_ONCE = 64
AT_ONCE_PER_ENDPOINT = 16
# While an endpoint fails, its other deliveries wait for one that arrives.
AT_ONCE_WHILE_FAILING = 1
# A thread sends so many deliveries to one endpoint, and after so long begins no further one.
LANE_LENGTH = 8
LANE_SECONDS = 1.0
LOOKED_AT = AT_ONCE * LANE_LENGTH
# After a request's own time: what is left then waits for the system to find the address of a name.
GRACE_SECONDS = 0.5
LOOK_EVERY_SECONDS = 0.2
# After the first answer, for others to be written with it.
GATHER_SECONDS = 0.05
THREAD_NAME = "webhook"

_DUE = Prepared(lambda now: WebhookDelivery.objects.due(now).values_list("pk"))


def enqueue_due(now: datetime) -> bool:
    """Send a message if a delivery is due and no worker is at it, and return whether it was; called every second."""
    if not _DUE.rows(now, 1) or is_taken(TURN_KEY) or queueing.is_full():
        return False
    queueing.send(TASK)
    return True


def deliver_due() -> None:
    """Send what is due, until nothing is left or the turn is over; nothing if another worker is at it."""
    with turn(TURN_KEY, TURN_LEASE_SECONDS) as is_ours:
        if is_ours:
            Courier().work()


@dataclass(eq=False)
class Lane:
    """Deliveries to one endpoint, which a thread sends one after another while all goes well."""

    endpoint: WebhookEndpoint
    secrets: list[str]
    # Those without an answer; the first one is on its way.
    waiting: deque[WebhookDelivery]
    ends_at: float = 0

    def allow_time(self) -> None:
        """Give the request that begins now its time."""
        self.ends_at = time.monotonic() + sending.TIMEOUT_SECONDS + GRACE_SECONDS


@dataclass
class Courier:
    """A worker's turn: lanes of requests that are on their way, each in a thread."""

    _lanes: list[Lane] = field(default_factory=list)
    # None: the lane is over, and what it has not sent is left.
    _answers: SimpleQueue[tuple[Lane, Answer | None]] = field(default_factory=SimpleQueue)

    def work(self) -> None:
        """Send deliveries for a turn, and wait for the answers to the last ones."""
        ends_at = time.monotonic() + TURN_SECONDS
        while True:
            if not stopping.is_requested() and time.monotonic() < ends_at:
                self._start(timezone.now())
            if not self._lanes:
                return
            record(self._finished(), timezone.now())

    def _start(self, now: datetime) -> None:
        lanes = self._next_lanes(now)
        if not lanes:
            return
        token = uuid.uuid4()
        keys = [pk for lane in lanes for pk in lane]
        WebhookDelivery.objects.due(now).filter(pk__in=keys).update(claim_token=token, claimed_until=now + LEASE)
        claimed = WebhookDelivery.objects.filter(claim_token=token).select_related("endpoint").in_bulk()
        for lane in lanes:
            self._start_lane([claimed[pk] for pk in lane if pk in claimed], now)

    def _start_lane(self, deliveries: list[WebhookDelivery], now: datetime) -> None:
        if not deliveries:
            return
        endpoint = deliveries[0].endpoint
        try:
            secrets = endpoint.secrets(now)
        except KeyMissing:
            unreadable = Answer(None, "The secret can't be read on this server. Rotate it.")
            record([(delivery, unreadable) for delivery in deliveries], now)
            return
        lane = Lane(endpoint, secrets, deque(deliveries))
        lane.allow_time()
        self._lanes.append(lane)
        # A daemon, since only the process ends the look-up of a name. A thread that is left behind owns nothing else.
        threading.Thread(target=self._send, args=(lane, deliveries), daemon=True, name=THREAD_NAME).start()

    def _next_lanes(self, now: datetime) -> list[list[int]]:
        """Return the deliveries that can be started now, the longest due first, in few lanes for each endpoint."""
        # Threads that were left behind count until they have ended, so there are never more.
        room = AT_ONCE - sum(thread.name == THREAD_NAME for thread in threading.enumerate())
        if room <= 0:
            return []
        counts = Counter(lane.endpoint.pk for lane in self._lanes)
        failing = {lane.endpoint.pk for lane in self._lanes if lane.endpoint.failing_since}
        full = [endpoint_id for endpoint_id, count in counts.items() if count >= _most(endpoint_id in failing)]
        due = WebhookDelivery.objects.due(now).exclude(endpoint__in=full).order_by("next_attempt_at", "pk")
        by_endpoint: dict[tuple[int, bool], list[int]] = {}
        for pk, endpoint_id, failing_since in due.values_list("pk", "endpoint", "endpoint__failing_since")[:LOOKED_AT]:
            by_endpoint.setdefault((endpoint_id, failing_since is not None), []).append(pk)
        lanes: list[list[int]] = []
        for (endpoint_id, is_failing), keys in by_endpoint.items():
            count = min(_most(is_failing) - counts[endpoint_id], room - len(lanes), len(keys))
            length = 1 if is_failing else LANE_LENGTH
            lanes += [keys[start : count * length : count] for start in range(count)]
        return lanes

    def _send(self, lane: Lane, deliveries: list[WebhookDelivery]) -> None:
        until = time.monotonic() + LANE_SECONDS
        with sending.session() as session:
            for delivery in deliveries:
                headers = sending.headers_of(delivery.event_id, delivery.body, lane.secrets, timezone.now())
                answer = sending.send(session, lane.endpoint.url, headers, delivery.body)
                self._answers.put((lane, answer))
                if not answer.is_success or time.monotonic() >= until:
                    break
        self._answers.put((lane, None))

    def _finished(self) -> list[tuple[WebhookDelivery, Answer | None]]:
        """Return what has been answered, after a moment's wait for the first, what was not sent, and what is too late.

        None: the delivery was not sent.
        """
        finished: list[tuple[WebhookDelivery, Answer | None]] = []
        until = time.monotonic() + LOOK_EVERY_SECONDS
        while self._lanes:
            try:
                lane, answer = self._answers.get(timeout=max(until - time.monotonic(), 0))
            except Empty:
                break
            if lane not in self._lanes:
                continue  # its time was over
            if not finished:
                until = time.monotonic() + GATHER_SECONDS
            if answer is None:
                finished += self._end(lane)
            else:
                finished.append((lane.waiting.popleft(), answer))
                lane.allow_time()
        now = time.monotonic()
        for lane in [lane for lane in self._lanes if lane.ends_at <= now]:
            if lane.waiting:
                finished.append((lane.waiting.popleft(), sending.no_answer()))
            finished += self._end(lane)
        return finished

    def _end(self, lane: Lane) -> list[tuple[WebhookDelivery, None]]:
        self._lanes.remove(lane)
        return [(delivery, None) for delivery in lane.waiting]


def _most(is_failing: bool) -> int:
    return AT_ONCE_WHILE_FAILING if is_failing else AT_ONCE_PER_ENDPOINT


def record(finished: Iterable[tuple[WebhookDelivery, Answer | None]], now: datetime) -> None:
    """Write what became of the deliveries, as far as they still have the claims that they were read with.

    None: the delivery was not sent, and is due as before.
    """
    finished = list(finished)
    if not finished:
        return
    answered = [(delivery, answer) for delivery, answer in finished if answer is not None]
    with transaction.atomic():
        _as_claimed([delivery for delivery, answer in finished if answer is None]).release()
        _write_delivered([(delivery, answer) for delivery, answer in answered if answer.is_success], now)
        written = [each for each in answered if each[1].is_success or _write_failed(*each, now)]
        health.note(((delivery.endpoint, answer) for delivery, answer in written), now)
        _postpone_others(written, now)


def _postpone_others(written: list[tuple[WebhookDelivery, Answer]], now: datetime) -> None:
    """Let what else is due for an endpoint that gave no answer wait, rather than keep a worker for each of them."""
    answered = {delivery.endpoint_id for delivery, answer in written if answer.status is not None}
    for delivery, _ in written:
        if delivery.endpoint_id not in answered:
            others = WebhookDelivery.objects.due(now).filter(endpoint=delivery.endpoint_id)
            others.update(next_attempt_at=now + min(_delay(delivery.attempts), LONGEST_PAUSE))


def _delay(failures: int) -> timedelta:
    """Return the time to the next attempt, after so many failures before this one."""
    return RETRY_DELAYS[min(failures, len(RETRY_DELAYS) - 1)]


def _write_delivered(delivered: list[tuple[WebhookDelivery, Answer]], now: datetime) -> None:
    """Write them in one statement for each status: there may be many. A claim that was lost has its own outcome."""
    for status in {answer.status for _, answer in delivered}:
        _as_claimed([delivery for delivery, answer in delivered if answer.status == status]).update(
            status=DeliveryStatus.DELIVERED,
            attempts=F("attempts") + 1,
            next_attempt_at=None,
            last_attempt_at=now,
            delivered_at=now,
            response_status=status,
            response_excerpt="",
            **WebhookDeliveryQuerySet.UNCLAIMED,
        )


def _as_claimed(deliveries: list[WebhookDelivery]) -> WebhookDeliveryQuerySet:
    tokens = {delivery.claim_token for delivery in deliveries}
    return WebhookDelivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries], claim_token__in=tokens)


def _write_failed(delivery: WebhookDelivery, answer: Answer, now: datetime) -> bool:
    columns: dict[str, object] = {
        "attempts": delivery.attempts + 1,
        "last_attempt_at": now,
        "response_status": answer.status,
        "response_excerpt": answer.excerpt,
        **WebhookDeliveryQuerySet.UNCLAIMED,
    }
    if answer.is_gone or delivery.attempts >= len(RETRY_DELAYS):
        columns |= {"status": DeliveryStatus.FAILED, "next_attempt_at": None}
    else:
        columns |= {"next_attempt_at": now + _delay(delivery.attempts)}
    return WebhookDelivery.objects.as_claimed(delivery).update(**columns) == 1
