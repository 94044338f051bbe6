"""Years as reports write them, in half-width or full-width digits."""

from __future__ import annotations

YEAR = r"(?<!\d)((?:[1１][9９]|[2２][0０])\d{2})(?!\d)"
"""The pattern of a year, its digits as its one group; `int` reads both widths."""
