"""How much one client may ask, and how much it may send."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fastapi import Request
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

BODY_LIMIT = 512 * 1024
"""Bytes a request body may have: the longest question with the longest history fits."""


def rate_limiter(rate: RateLimitItem | None) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets each client address ask at `rate`; None lets everything through.

    :raises HTTPException: 429 with Retry-After, from the dependency.
    """
    limiter = MovingWindowRateLimiter(MemoryStorage())

    async def check(request: Request) -> None:
        client = request.client.host if request.client else "unknown"
        if rate is None or limiter.hit(rate, client):
            return
        reset, _ = limiter.get_window_stats(rate, client)
        raise HTTPException(429, headers={"Retry-After": str(max(1, round(reset - time.time())))})

    return check


class AnnouncedBodyLimit:
    """ASGI middleware that refuses a body whose announced length is over `BODY_LIMIT`.

    FastAPI itself cuts off those that are not announced, but answers these in words of its own.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[Request], ASGIApp]) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the Content-Length header alone."""
        length = dict(scope.get("headers", ())).get(b"content-length", b"")
        too_long = length.isdigit() and int(length) > BODY_LIMIT
        await (self._refuse(Request(scope)) if too_long else self._app)(scope, receive, send)
