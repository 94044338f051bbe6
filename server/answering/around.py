"""What an amount belongs to: the words around it, told from those around the other amounts of its text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from server.answering.amounts import DIRECTION, Amount
from server.answering.wording import bigrams

_PIECE = re.compile(r"[，,、。；;：:！？|]")
_STOPS = "。；;！？|"
"""Marks that a subject does not reach across."""
_MEASURED = re.compile(rf"{DIRECTION.pattern}|同比|环比|累计|合计|平均|年均")


def without(text: str, start: int, end: int, held: Sequence[Amount]) -> str:
    """A part of the text, a mark in place of each amount."""
    pieces, position = [], start
    for amount in held:
        pieces.append(text[position : amount.start])
        position = amount.end
    return "\0".join([*pieces, text[position:end]])


def around(text: str, amount: Amount, all_: Sequence[Amount]) -> str:
    """The words around an amount up to the next ones, or to the end of its clause; while they say nothing, back by clauses."""
    before = max((a.end for a in all_ if a.end <= amount.start), default=0)
    behind = min((a.start for a in all_ if a.start >= amount.end), default=len(text))
    left = _PIECE.split(text[before : amount.start])[-1]
    window = f"{left}\0{_PIECE.split(text[amount.end : behind])[0]}"
    end = amount.start - len(left)
    while end > 0 and text[end - 1] not in _STOPS and not bigrams(_MEASURED.sub(" ", window)):
        start = max(text.rfind(mark, 0, max(0, end - 1)) for mark in "，,、。；;：:！？|") + 1
        window = without(text, start, end, [a for a in all_ if start <= a.start and a.end <= end]) + window
        end = start
    return window


def is_bound(subject: set[str], text: str, all_: Sequence[Amount], amount: Amount) -> bool:
    """Whether the words around a sentence's amount are not rather those around another one of the same kind in `text`."""
    clause = text[: amount.start]
    if "分别" in clause[clause.rfind("。") + 1 :]:
        return False
    own = near(text, all_, amount)
    if not subject:
        return len(all_) == 1
    rivals = [a for a in all_ if a.unit == amount.unit and (a.low, a.high) != (amount.low, amount.high)]
    return not any(subject & near(text, all_, rival) - own for rival in rivals)


def near(text: str, all_: Sequence[Amount], amount: Amount) -> set[str]:
    """The content of the words around an amount."""
    return bigrams(around(text, amount, all_))
