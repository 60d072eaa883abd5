"""Signed addresses of objects, which anyone may request until they expire."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from botocore.auth import SIGV4_TIMESTAMP, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.signers import RequestSigner
from django.utils.http import content_disposition_header

from .base import STABLE_SECONDS


class _SigningAt(S3SigV4QueryAuth):
    """Signs as of a moment; botocore would take the current second, and make another address each time."""

    def __init__(self, *args: Any, moment: datetime) -> None:
        super().__init__(*args)
        self._moment = moment

    def add_auth(self, request: AWSRequest) -> None:
        request.context["timestamp"] = self._moment.strftime(SIGV4_TIMESTAMP)
        self._modify_request_before_signing(request)
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


def signed_address(
    client: Any,
    where: dict[str, str],
    seconds: int,
    *,
    download_as: str = "",
    method: str = "GET",
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> str:
    """Return an address that is good for at least so many seconds.

    Args:
        client: botocore's, which knows the host and the keys.
        where: Bucket and Key.
        seconds: From an hour on, the address is the same for up to an hour, so it is good for longer.
        download_as: The name under which browsers are to save it, instead of showing it.
        method: The only one that the address is good for.
        query: What else is part of the address, as it is for the parts of an upload.
        headers: What the request must carry, to the letter.
    """
    now = int(time.time())
    is_stable = seconds >= STABLE_SECONDS
    moment = now - now % STABLE_SECONDS if is_stable else now
    query = dict(query or {})
    if download_as:
        query["response-content-disposition"] = str(content_disposition_header(True, download_as))
    request = AWSRequest(method=method, url=_with_query(_plain_address(client, where), query), headers=headers or {})
    signer: RequestSigner = client._request_signer
    credentials = signer._credentials
    if hasattr(credentials, "get_frozen_credentials"):  # of a role, which change
        credentials = credentials.get_frozen_credentials()
    expires = seconds + STABLE_SECONDS if is_stable else seconds
    region = client.meta.region_name or "us-east-1"
    _SigningAt(credentials, "s3", region, expires, moment=datetime.fromtimestamp(moment, UTC)).add_auth(request)
    return str(request.url)


def _plain_address(client: Any, where: dict[str, str]) -> str:
    """Return the object's address without a signature, in the style of addresses that the client is set to."""
    signed = client.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    return urlunsplit(urlsplit(signed)._replace(query=""))


def _with_query(address: str, query: dict[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address
