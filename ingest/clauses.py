"""Sentences → clauses, the smallest runs of words that are shown by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.model import Span

_PAIRS = {"“": "”", "‘": "’", "（": "）", "(": ")", "《": "》", "【": "】"}


def split_clauses(text: str, sentence: Span) -> Iterator[Span]:
    """Spans of the clauses of one sentence, in order, each with the mark that ends it.

    Marks inside quotation marks and brackets do not end a clause, nor does a comma between digits.
    """
    closes: list[str] = []
    start = sentence.start
    for position in range(sentence.start, sentence.end):
        character = text[position]
        if closes and character == closes[-1]:
            closes.pop()
        elif character in _PAIRS and text.find(_PAIRS[character], position, sentence.end) != -1:
            closes.append(_PAIRS[character])
        elif not closes and character in "，；,;" and not _between_digits(text, position):
            yield Span(start, position + 1)
            start = position + 1
    if start < sentence.end:
        yield Span(start, sentence.end)


def _between_digits(text: str, position: int) -> bool:
    return (
        text[position] == ","
        and text[position - 1 : position].isdigit()
        and text[position + 1 : position + 2].isdigit()
    )
