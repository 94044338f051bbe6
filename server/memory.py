"""Memory that is free goes back to the system.

Each answer takes and frees arrays of any length, among which what is remembered comes to lie. The C library gives back
what is free at the end of its heap alone, so that a busy service would hold ever more of it (docs/adr/0036).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import cast

import anyio
from anyio.to_thread import run_sync

GIVE_BACK_SECONDS = 10.0
"""How often free memory is given back; it takes some milliseconds, and about as long to be had again."""


def give_back() -> None:
    """Give the system the free pages between those in use, where the C library can (glibc; others do by themselves)."""
    if (trim := _trim()) is not None:
        trim(0)


async def give_back_regularly() -> None:
    """Give back free memory, for ever."""
    while True:
        await anyio.sleep(GIVE_BACK_SECONDS)
        await run_sync(give_back)


@cache
def _trim() -> Callable[[int], int] | None:
    """The `malloc_trim` of glibc, which lets other threads run meanwhile."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return None
    trim.argtypes = [ctypes.c_size_t]
    return cast(Callable[[int], int], trim)
