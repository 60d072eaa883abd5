"""What can go wrong with Pinterest, named by what the caller can do about it."""

from __future__ import annotations


class PinterestError(Exception):
    """`message` are Pinterest's own words; `request_id` (x-pinterest-rid) names the request for its support."""

    def __init__(
        self, message: str = "", *, status: int | None = None, code: int | None = None, request_id: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id


class PinterestClientError(PinterestError):
    """4xx in Pinterest's own words: the same request would be refused again."""


class AuthenticationFailed(PinterestError):
    """401 in Pinterest's own words: the access token is dead."""


class SpamDetected(PinterestClientError):
    """A 429 that speaks of spam: never to be sent again."""


class UploadRefused(PinterestClientError):
    """4xx of the upload target (S3). `word` is its code, such as EntityTooLarge; `message` begins with it."""

    def __init__(self, message: str = "", *, word: str = "", **answer: object) -> None:
        super().__init__(message, **answer)  # type: ignore[arg-type]  # the keywords of PinterestError
        self.word = word


class RateLimited(PinterestError):
    """429, by Pinterest or a proxy: nothing was done, and no request is wanted for `retry_after_seconds`.

    `is_for_reading` says that the limit is the one for reading (Pinterest's category org_read).
    """

    def __init__(
        self, message: str = "", *, retry_after_seconds: int, is_for_reading: bool = False, **answer: object
    ) -> None:
        super().__init__(message, **answer)  # type: ignore[arg-type]  # the keywords of PinterestError
        self.retry_after_seconds = retry_after_seconds
        self.is_for_reading = is_for_reading


class ServerFailed(PinterestError):
    """5xx, or an answer that is not what Pinterest promises: the request may have been carried out."""


class AnsweredByProxy(ServerFailed):
    """3xx or 4xx that Pinterest did not write: a proxy, a firewall or a CDN spoke in its place.

    It decides nothing about boards, pins, tokens or files; as a rule the request has not reached Pinterest.
    """

    def __init__(self, *, status: int, request_id: str = "") -> None:
        super().__init__(
            f"A proxy or firewall answered with status {status} instead of Pinterest.",
            status=status,
            request_id=request_id,
        )


class Unreachable(PinterestError):
    """No answer came.

    `was_sent` is False only if certainly no byte of the request has reached Pinterest; `is_offline` is True only if
    this server could reach nothing else either.
    """

    def __init__(self, message: str = "", *, was_sent: bool, is_offline: bool = False) -> None:
        super().__init__(message)
        self.was_sent = was_sent
        self.is_offline = is_offline


class ReconnectNeeded(PinterestError):
    """The account's tokens are dead for good: a person has to connect it again."""
