"""How much one client may ask, and how much and how slowly it may send."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

import anyio
from fastapi import Request
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 512 * 1024
"""Bytes a request body may have: the longest question with the longest history fits."""
BODY_SECONDS = 20.0
"""How long a request body may take to arrive."""
UPLOAD_SECONDS = 600.0
"""How long an uploaded report may take to arrive."""
_IPV6_HOME = 64
"""One IPv6 customer has a network of this prefix, not one address."""
Networks = Sequence[IPv4Network | IPv6Network]


def client_address(request: Request, trusted: Networks) -> str:
    """The address a request comes from.

    X-Forwarded-For counts only where a trusted proxy sends it, and of it only what trusted proxies wrote: read from the
    right, the first address that is none of theirs.
    """
    address = request.client.host if request.client else "unknown"
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while hops and _is_in(address, trusted):
        hop = hops.pop()
        try:
            address = str(ip_address(hop))
        except ValueError:
            break
    return address


def _is_in(address: str, networks: Networks) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


def client_network(address: str) -> str:
    """What counts as one client: an IPv4 address, or an IPv6 network of /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Network((found, _IPV6_HOME), strict=False))
    return address


def rate_limiter(
    rate: RateLimitItem | None, trusted: Networks = (), clock: Callable[[], float] = time.time
) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets each client ask at `rate`; None lets everything through.

    What is left is said in the headers RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers), which the
    request carries to the middleware that adds headers.

    :raises HTTPException: 429 with Retry-After, from the dependency.
    """
    limiter = MovingWindowRateLimiter(MemoryStorage())

    async def check(request: Request) -> None:
        if rate is None:
            return
        client = client_network(client_address(request, trusted))
        is_let = limiter.hit(rate, client)
        reset, left = limiter.get_window_stats(rate, client)
        wait = max(1, math.ceil(reset - clock()))
        request.state.headers = {
            "RateLimit-Policy": f'"questions";q={rate.amount};w={rate.get_expiry()}',
            "RateLimit": f'"questions";r={left};t={wait}',
        }
        if not is_let:
            raise HTTPException(429, headers={"Retry-After": str(wait)})

    return check


class BodyLimits:
    """ASGI middleware that refuses a body that is too long, and one that takes too long to come.

    `may_upload` tells the requests that may bring a file. A body whose announced length is over the limit is refused
    unread, by `refuse`; FastAPI itself would answer those in words of its own.
    """

    def __init__(
        self,
        app: ASGIApp,
        refuse: Callable[[Request], ASGIApp],
        may_upload: Callable[[Request], bool] = lambda _: False,
        upload_limit: int = BODY_LIMIT,
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._may_upload = may_upload
        self._upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the Content-Length header, and at the clock and the bytes while the body arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = self._may_upload(Request(scope))
        limit, seconds = (self._upload_limit, UPLOAD_SECONDS) if is_upload else (BODY_LIMIT, BODY_SECONDS)
        length = dict(scope["headers"]).get(b"content-length", b"")
        if length.isdigit() and int(length) > limit:
            await self._refuse(Request(scope))(scope, receive, send)
            return
        await self._app(scope, _bounded(receive, limit, seconds), send)


def _bounded(receive: Receive, limit: int, seconds: float) -> Receive:
    """`receive`, until the body is over `limit` bytes or not complete after `seconds`.

    :raises HTTPException: 413 or 408, where the body is read.
    """
    deadline = anyio.current_time() + seconds
    received = 0
    is_complete = False

    async def receive_bounded() -> Message:
        nonlocal received, is_complete
        if is_complete:  # what comes now is that the client left
            return await receive()
        with anyio.move_on_after(deadline - anyio.current_time()):
            message = await receive()
            received += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if received > limit:
                raise HTTPException(413, headers={"Connection": "close"})
            return message
        raise HTTPException(408, headers={"Connection": "close"})

    return receive_bounded
