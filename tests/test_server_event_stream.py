"""What becomes of a stream whose reader leaves."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import anyio
import pytest
from starlette.requests import ClientDisconnect

from server.event_stream import EventStream

SCOPE = {"type": "http", "asgi": {"spec_version": "2.4"}}


class _Work:
    """Items without end, and events of them; remembers in which order they were closed."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.items = self._items()

    async def _items(self) -> AsyncGenerator[int, None]:
        try:
            while True:
                yield 1
        finally:
            await anyio.sleep(0)  # closing may have to wait
            self.closed.append("items")

    async def events(self) -> AsyncGenerator[bytes, None]:
        try:
            async for item in self.items:
                yield b"%d" % item
        finally:
            self.closed.append("events")


async def _nothing() -> Any:
    await anyio.sleep_forever()


def test_a_client_that_leaves_ends_the_work_at_once() -> None:
    work, sent = _Work(), 0

    async def send(_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == 3:
            raise OSError

    async def serve() -> None:
        with pytest.raises(ClientDisconnect):
            await EventStream(work.events(), work.items)(SCOPE, _nothing, send)
        assert work.closed == ["events", "items"]

    anyio.run(serve)


def test_a_response_that_is_cancelled_ends_its_work_before_it_is_gone() -> None:
    work = _Work()

    async def send(_: object) -> None:
        await anyio.sleep_forever()

    async def serve() -> None:
        with anyio.move_on_after(0.02):
            await EventStream(work.events(), work.items)(SCOPE, _nothing, send)
        # Nothing had begun, so there was nothing to tidy up; nothing can begin any more either.
        with pytest.raises(StopAsyncIteration):
            await anext(work.items)

    anyio.run(serve)
