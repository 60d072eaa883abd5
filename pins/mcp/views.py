"""MCP's one address: Streamable HTTP, with a JSON answer to each POST and no sessions."""

from __future__ import annotations

import logging
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts.api_keys.authentication import (
    JsonError,
    KeyRefused,
    add_rate_limit,
    answer_errors,
    bearer_key,
    identify,
)
from pins.api.application import ApiRequest

# Importing the tools is what makes them known.
from . import protocol, rpc, scheduling, tools  # noqa: F401

logger = logging.getLogger("django.request")

MOST_BYTES = 1024 * 1024


@csrf_exempt  # keys open it, and a session counts for nothing
@login_not_required
@never_cache
def endpoint(request: HttpRequest) -> HttpResponse:
    """Answer one message of an MCP client."""
    refusal = _refusal_of(request)
    if refusal is not None:
        return refusal
    try:
        api_key = identify(request, bearer_key(request) or "")
    except KeyRefused as error:
        return add_rate_limit(request, error.answer())
    program = cast(ApiRequest, request)
    program.auth = api_key
    return add_rate_limit(request, _answer(program))


def _answer(request: ApiRequest) -> HttpResponse:
    id: int | str | None = None
    try:
        message = rpc.read_message(request.body)
        id = message.id
        result = protocol.answer(request, message)
    except rpc.RpcError as error:
        return JsonResponse(error.answer(id), status=error.status)
    except UnreadablePostError:
        cut_off = rpc.RpcError(rpc.PARSE_ERROR, "The connection ended before the whole request body had arrived.")
        return JsonResponse(cut_off.answer(None), status=cut_off.status)
    except Exception:
        logger.exception("Internal error: POST /mcp")
        broken = rpc.RpcError(rpc.INTERNAL_ERROR, "The server had an internal error. Try again later.")
        return JsonResponse(broken.answer(id), status=500)
    if result is None:
        return HttpResponse(status=202)
    return JsonResponse({"jsonrpc": "2.0", "id": id, "result": result})


def _refusal_of(request: HttpRequest) -> HttpResponse | None:
    """Return the refusal of a request that is none of MCP, before its key and its body are looked at."""
    if not _is_own(request.headers.get("Origin"), request):
        message = "Requests of other websites are refused. Programs send no header Origin."
        return _refused("origin_foreign", message, status=403)
    if request.method != "POST":
        message = f"{request.method} is not allowed here, only POST: the server keeps no sessions and no streams."
        response = _refused("method_not_allowed", message, status=405)
        response["Allow"] = "POST"
        return response
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return _refused("body_too_large", "The request body exceeds 1 MB. Send fewer pins at a time.", status=413)
    if request.content_type != "application/json":
        return _refused("content_type_invalid", "Send JSON, with “Content-Type: application/json”.", status=415)
    return None


def _is_own(origin: str | None, request: HttpRequest) -> bool:
    """Return whether the request comes from no website, or from this one.

    A page of another site that has got this host's name to lead here (DNS rebinding) still sends its own origin.
    """
    if origin is None:
        return True
    own = urlsplit(settings.PUBLIC_URL)
    return origin in (f"{own.scheme}://{own.netloc}", f"{request.scheme}://{request.get_host()}")


def _refused(code: str, message: str, *, status: int) -> JsonResponse:
    return answer_errors([JsonError(code, "", message)], status=status)
