"""Stops asking a server that does not answer, for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

FAILURES = 3
"""Failures in a row after which nothing more is asked."""
REST = 30.0
"""Seconds until one question is let through again."""


class Breaker:
    """Counts failures in a row; when open, lets one caller through after each rest, and closes when that one succeeds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._failures = 0
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether nothing is asked now."""
        with self._lock:
            return self._now() < self._open_until

    def allows(self) -> bool:
        """Whether to ask now. Of several callers after a rest only the first may, until it has reported."""
        with self._lock:
            if self._now() < self._open_until:
                return False
            if self._failures >= FAILURES:
                self._open_until = self._now() + REST
            return True

    def succeeded(self) -> None:
        """The server answered."""
        with self._lock:
            self._failures, self._open_until = 0, 0.0

    def failed(self, rest: float = 0.0) -> None:
        """The server did not answer; `rest` is how many seconds it asked to be left alone."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                rest = max(rest, REST)
            if rest:
                self._open_until = max(self._open_until, self._now() + rest)
