"""A response of server-sent events that ends its work when the client leaves."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import anyio
from fastapi.sse import EventSourceResponse
from starlette.types import Receive, Scope, Send


class EventStream(EventSourceResponse):
    """Sends the events, and closes them and what they are made from however sending ends.

    A generator left half run is closed only when it is collected as garbage: late, and by whichever thread does that.
    """

    def __init__(self, events: AsyncGenerator[Any, None], items: AsyncGenerator[Any, None]) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store"})
        self._open = (events, items)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send; the closing is done also where this is cancelled."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                for generator in self._open:
                    await generator.aclose()
