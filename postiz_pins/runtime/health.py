"""/livez and /readyz, for load balancers and supervisors, before the checks of host, https and sign-in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from .readiness import CHECKS, NotReady

# Leaves half a second for the rest of the answer on a busy machine.
ANSWER_WITHIN_SECONDS = 1.0
# Any client may ask: however often that is, threads, connections and writes to the cache cost this little.
KEPT_SECONDS = 1.0
OK = "ok"

_asking = threading.Lock()
_kept: tuple[float, dict[str, str]] = (float("-inf"), {})


class HealthMiddleware:
    """/livez: this process answers, and touches nothing. /readyz: 200, or 503 with what is missing, within 1.5 s."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer /livez and /readyz before anything else is needed."""
        if request.path_info == "/livez":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path_info == "/readyz":
            states = check_all_at_most_once_a_second()
            return JsonResponse(states, status=200 if set(states.values()) == {OK} else 503)
        return self.get_response(request)


class _Check:
    """One check in a thread of its own, so that a connection that hangs does not hold the answer."""

    _running: dict[str, _Check] = {}

    def __init__(self, name: str) -> None:
        self.state = "no answer"
        self._thread = threading.Thread(target=self._run, args=(name,), name=f"ready-{name}", daemon=True)
        self._thread.start()

    @classmethod
    def start(cls, name: str) -> _Check:
        """Return a running check, the one that still hangs if there is one: threads must not pile up."""
        check = cls._running.get(name)
        if check is None or not check._thread.is_alive():
            check = cls._running[name] = cls(name)
        return check

    def _run(self, name: str) -> None:
        try:
            CHECKS[name]()
            self.state = OK
        except NotReady as missing:
            self.state = str(missing)
        finally:
            connections.close_all()

    def state_at(self, moment: float) -> str:
        self._thread.join(max(moment - monotonic(), 0))
        return self.state


def check_all_at_most_once_a_second() -> dict[str, str]:
    """Return this process's answer, which simultaneous requests wait for and share."""
    global _kept
    with _asking:
        if monotonic() - _kept[0] >= KEPT_SECONDS:
            states = check_all()
            _kept = (monotonic(), states)
        return _kept[1]


def check_all() -> dict[str, str]:
    """Return what each check says, "ok" if all is well."""
    ends_at = monotonic() + ANSWER_WITHIN_SECONDS
    running = {name: _Check.start(name) for name in CHECKS}
    return {name: check.state_at(ends_at) for name, check in running.items()}
