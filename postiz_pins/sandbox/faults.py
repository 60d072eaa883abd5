"""Faults on demand: what can go wrong between an app and Pinterest, switched on for an operation.

`POST /sandbox/faults` (see `control.py`) and the form on the sandbox's front page add a fault:

    {"operation": "pins/create", "kind": "server_error", "times": 1}

`operation` is an operationId of Pinterest's description, `upload` for the upload target, or `*` for all.
`times` is the number of requests that meet the fault; null means every request until `DELETE /sandbox/faults`, which
also ends the delays of requests that are waiting.

| kind                | what happens                                                      | further keys          |
| latency             | waits, then works and answers                                     | seconds               |
| latency_after       | works, waits, then answers                                        | seconds               |
| rate_limited        | 429 code 8 with `X-RateLimit-Reset`; nothing is done              | seconds (default 60), |
|                     |                                                                   | retry_after (a text)  |
| spam                | 429 whose message speaks of spam; nothing is done                 |                       |
| server_error        | 5xx; nothing is done                                              | status (default 500)  |
| server_error_after  | the work is done, and 5xx is answered                             | status (default 500)  |
| proxy               | something in between answers; nothing is done, no Pinterest is    | status (default 403), |
|                     | in the answer: no request id, and no JSON of Pinterest's shape    | body, seconds         |
| answer_lost         | the work is done, and the connection closes without a byte        |                       |
| connection_closed   | nothing is done, and the connection closes without a byte         |                       |
| unauthorized        | 401 code 2                                                        |                       |
| trial               | 403 code 29: an app with Trial access may not create pins         |                       |
| unreachable_url     | 400: the image could not be fetched                               |                       |
| board_not_found     | 404                                                               |                       |
| malformed           | answers 200 as usual, but each value in the body is a text        |                       |
| message             | any refusal                                                       | status, code, message |
| connection_cut      | upload: reads that share of the body, then closes without a byte  | percent (default 50)  |
| upload_denied       | upload: 403 AccessDenied, as when the form's policy has expired   |                       |
| length_required     | upload: 411 MissingContentLength, as if a proxy had dropped it    |                       |
| too_large           | upload: 400 EntityTooLarge                                        |                       |
| video_failed        | media/get: the video's status is "failed"                         |                       |
| video_stuck         | media/get: the video's status is "processing", however long it is |                       |

`body` of a proxy's answer is html (default), empty or json; with `seconds` it has `Retry-After`.

One request meets at most one delay and one other fault, the oldest of each first. So `server_error` once and then
`answer_lost` once hit two requests in this order, and a delay can be combined with either.
"""

import threading
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from postiz_pins.sandbox.api.errors import (
    ApiError,
    ProxyAnswer,
    StorageError,
    board_not_found,
    unauthenticated,
    unreachable_url,
)

OPERATIONS = (
    "oauth/token",
    "user_account/get",
    "user_account/analytics",
    "user_account/analytics/top_pins",
    "boards/list",
    "boards/get",
    "boards/create",
    "boards/list_pins",
    "board_sections/list",
    "pins/create",
    "pins/list",
    "pins/get",
    "pins/delete",
    "pins/analytics",
    "multi_pins/analytics",
    "media/list",
    "media/create",
    "media/get",
    "upload",
)
DELAYS = ("latency", "latency_after")
AFTER = ("server_error_after", "answer_lost")
MALFORMED = "malformed"
PROXY = "proxy"
# What the upload target refuses with, as S3 words it.
UPLOAD_REFUSALS = {
    "upload_denied": (403, "AccessDenied", "Invalid according to Policy: Policy expired."),
    "length_required": (411, "MissingContentLength", "You must provide the Content-Length HTTP header."),
    "too_large": (400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size."),
}
# What GET /media/{media_id} says in place of the truth.
MEDIA_STATUSES = {"video_failed": "failed", "video_stuck": "processing"}
# Faults that make sense for one operation only.
ONLY_FOR = {"connection_cut": "upload", **dict.fromkeys(UPLOAD_REFUSALS, "upload")} | dict.fromkeys(
    MEDIA_STATUSES, "media/get"
)
KINDS = (
    *DELAYS,
    "rate_limited",
    "spam",
    "server_error",
    *AFTER,
    PROXY,
    "connection_closed",
    "unauthorized",
    "trial",
    "unreachable_url",
    "board_not_found",
    MALFORMED,
    "message",
    "connection_cut",
    *UPLOAD_REFUSALS,
    *MEDIA_STATUSES,
)


@dataclass
class Fault:
    """Something that goes wrong, for so many requests of an operation."""

    operation: str
    kind: str
    times: int | None = 1
    seconds: float | None = None
    status: int | None = None
    code: int = 0
    message: str = ""
    percent: float | None = None
    body: str = "html"
    retry_after: str = ""

    def proxy_answer(self) -> ProxyAnswer:
        """Return what something between the app and Pinterest says, the same for every operation."""
        headers = {} if self.seconds is None else {"Retry-After": f"{self.seconds:g}"}
        return ProxyAnswer(self.status or 403, self.body, headers)

    def storage_error(self) -> StorageError:
        """Return the refusal in the upload target's words."""
        if self.kind in UPLOAD_REFUSALS:
            return StorageError(*UPLOAD_REFUSALS[self.kind])
        error = self.error()
        busy = {429: "SlowDown", 503: "SlowDown"}
        word = busy.get(error.status, "InternalError" if error.status >= 500 else "AccessDenied")
        return StorageError(error.status, word, error.message)

    def error(self) -> ApiError:
        """Return the refusal that this fault stands for; not for delays and closed connections."""
        match self.kind:
            case "rate_limited":
                wait = 60 if self.seconds is None else self.seconds
                message = "You have exceeded your rate limit. Try again later."
                headers = {"X-RateLimit-Reset": f"{wait:g}"}
                if self.retry_after:
                    headers["Retry-After"] = self.retry_after
                return ApiError(429, 8, message, headers)
            case "spam":
                return ApiError(429, 8, "This request was blocked because it looks like spam.")
            case "server_error" | "server_error_after":
                return ApiError(self.status or 500, 0, "Something went wrong on our end. Sorry about that.")
            case "unauthorized":
                return unauthenticated()
            case "trial":
                return ApiError(
                    403,
                    29,
                    "Apps with Trial access may not create Pins in production. Use the API Sandbox "
                    "or upgrade the app to Standard access.",
                )
            case "unreachable_url":
                return unreachable_url("the image")
            case "board_not_found":
                return board_not_found()
        return ApiError(self.status or 400, self.code, self.message)


class Delay(NamedTuple):
    """A fault that lets a request wait."""

    kind: str
    seconds: float
    ended: threading.Event

    def wait(self) -> None:
        """Wait for its seconds, or until delays are ended."""
        self.ended.wait(self.seconds)


class Faults:
    """The faults that requests will meet, by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: list[Fault] = []
        self._delays_ended = threading.Event()

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._active.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._active.clear()

    def end_delays(self) -> None:
        """Let the waiting requests go on, so that a test decides when, however slow the machine is."""
        with self._lock:
            self._delays_ended.set()
            self._delays_ended = threading.Event()

    def listed(self) -> list[dict[str, Any]]:
        """Return the active faults as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._active]

    def take(self, operation: str) -> tuple[Delay | None, Fault | None]:
        """Return the delay and the other fault that this request meets; both are counted down."""
        with self._lock:
            matching = [fault for fault in self._active if fault.operation in (operation, "*")]
            delay = next((fault for fault in matching if fault.kind in DELAYS), None)
            other = next((fault for fault in matching if fault.kind not in DELAYS), None)
            for fault in (delay, other):
                if fault is not None and fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._active.remove(fault)
            wait = Delay(delay.kind, delay.seconds or 0, self._delays_ended) if delay is not None else None
            return wait, other


faults = Faults()


def parse_fault(wanted: dict[str, Any]) -> Fault:
    """Return the fault that a request describes.

    Raises ValueError with a sentence for the user.
    """
    unknown = set(wanted) - {
        "operation",
        "kind",
        "times",
        "seconds",
        "status",
        "code",
        "message",
        "percent",
        "body",
        "retry_after",
    }
    if unknown:
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}.")
    fault = Fault(**{"operation": "*", "kind": "", **wanted})
    if fault.operation not in (*OPERATIONS, "*"):
        raise ValueError(f"There is no operation {fault.operation!r}; choose from: *, {', '.join(OPERATIONS)}.")
    if fault.kind not in KINDS:
        raise ValueError(f"There is no fault {fault.kind!r}; choose from: {', '.join(KINDS)}.")
    only_for = ONLY_FOR.get(fault.kind, fault.operation)
    if fault.operation != only_for:
        raise ValueError(f"{fault.kind} is a fault of the operation {only_for}.")
    if fault.times is not None and (not isinstance(fault.times, int) or fault.times < 1):
        raise ValueError("times is a number from 1 on, or null for every request until cleared.")
    if fault.seconds is not None and (not isinstance(fault.seconds, int | float) or fault.seconds < 0):
        raise ValueError("seconds is a number from 0 on.")
    if fault.kind in DELAYS and fault.seconds is None:
        raise ValueError(f"{fault.kind} needs seconds.")
    if fault.status is not None and (not isinstance(fault.status, int) or not 300 <= fault.status <= 599):
        raise ValueError("status is a number from 300 to 599.")
    if fault.percent is not None and (not isinstance(fault.percent, int | float) or not 0 <= fault.percent <= 100):
        raise ValueError("percent is a number from 0 to 100.")
    if fault.body not in ProxyAnswer.BODIES:
        raise ValueError(f"body is one of {', '.join(ProxyAnswer.BODIES)}.")
    if not isinstance(fault.code, int) or not isinstance(fault.message, str):
        raise ValueError("code is a number and message a text.")
    if not isinstance(fault.retry_after, str):
        raise ValueError("retry_after is a text, as it stands in the header.")
    return fault
