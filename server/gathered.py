"""Calls that come at the same time, done as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import anyio
from anyio.to_thread import run_sync

Given = TypeVar("Given")
Made = TypeVar("Made")


class Gathered(Generic[Given, Made]):
    """Does what is given in a thread; all that comes while one call is at work is given to the next one together.

    So a crowd pays for a transaction once, and who is alone waits for nobody.
    """

    def __init__(self, work: Callable[[Sequence[Given]], Made]) -> None:
        self._work = work
        self._next: _Batch[Given, Made] = _Batch()
        self._turn = anyio.Lock()

    async def do(self, given: Given) -> Made:
        """What the call made that `given` was part of; it began after `given` came, and is finished even if the caller leaves.

        :raises Exception: what the call raised.
        """
        batch = self._next
        batch.given.append(given)
        if len(batch.given) == 1:
            with anyio.CancelScope(shield=True):
                await self._see_to(batch)
        else:
            await batch.done.wait()
        if batch.error is not None:
            raise batch.error
        return batch.made[0]

    async def _see_to(self, batch: _Batch[Given, Made]) -> None:
        async with self._turn:
            self._next = _Batch()
            try:
                batch.made.append(await run_sync(self._work, batch.given))
            except Exception as error:
                batch.error = error
            finally:
                batch.done.set()


class _Batch(Generic[Given, Made]):
    """What is given together, and what came of it."""

    def __init__(self) -> None:
        self.given: list[Given] = []
        self.made: list[Made] = []
        self.error: Exception | None = None
        self.done = anyio.Event()
