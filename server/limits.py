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
    """ASGI middleware that refuses a body announced as over `BODY_LIMIT`, and ends one that takes too long to come.

    FastAPI itself cuts off those that are not announced, but answers these in words of its own. `/admin` has limits of
    its own: reports are uploaded there.
    """

    def __init__(
        self, app: ASGIApp, refuse: Callable[[Request], ASGIApp], exempt: str = "/admin/", seconds: float = BODY_SECONDS
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._exempt = exempt
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the Content-Length header, and at the clock while the body arrives."""
        if scope["type"] != "http" or scope["path"].startswith(self._exempt):
            await self._app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"")
        if length.isdigit() and int(length) > BODY_LIMIT:
            await self._refuse(Request(scope))(scope, receive, send)
            return
        deadline = anyio.current_time() + self._seconds
        is_complete = False

        async def receive_in_time() -> Message:
            nonlocal is_complete
            if is_complete:  # what comes now is that the client left
                return await receive()
            with anyio.move_on_after(deadline - anyio.current_time()):
                message = await receive()
                is_complete = not message.get("more_body", False)
                return message
            raise HTTPException(408, headers={"Connection": "close"})

        await self._app(scope, receive_in_time, send)
