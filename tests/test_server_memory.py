"""Free memory goes back to the system."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest

from server.memory import give_back

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux is what needs it")


def _held() -> int:
    """Bytes that the process holds in memory of its own, files not counted."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


def test_what_is_free_between_what_is_in_use_is_given_back() -> None:
    size, count = 4_000, 25_000
    pieces: list[bytes | None] = [bytes([1]) * size for _ in range(count)]
    full = _held()
    for number in range(count):
        if number % 50 != 49:
            pieces[number] = None
    gc.collect()
    give_back()
    assert full - _held() > size * count * 0.8
    assert sum(piece is not None for piece in pieces) == count // 50
