"""A model's reply, as it streams in → sentences with the numbers of the sources they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_THOUGHTS = (("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<思考>", "</思考>"))
_MARKER = re.compile(r"[\[【［〔]([^\[\]【】［］〔〕\n]{1,40})[\]】］〕]")
_NUMBERED = re.compile(r"[\d,，、;；\s^资料来源出处编号和]*\d[\d,，、;；\s和]*")
_OPENING = re.compile(r"[\[【［〔][^\[\]【】［］〔〕\n]{0,40}$")
_END = re.compile(r"[。！？!?\n]")
_CLOSERS = "。！？!?”」』）)"
_LIST_MARK = re.compile(r"^(?:[-*•#]+|\d{1,2}[.、)）](?!\d)|[（(]\d{1,2}[)）]|(?:回答|答案|答)[:：])\s*")
_EMPHASIS = re.compile(r"\*\*|__|`")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the reply without its markers, and the source numbers that it named, in order.

    `is_whole` is false for the last words of a reply that ended in mid-sentence.
    """

    text: str
    numbers: tuple[int, ...]
    is_whole: bool = True


def claims(pieces: Iterable[str]) -> Iterator[Claim]:
    """The sentences of a reply, each as soon as it and its markers are there; the last one even where it has no end."""
    waiting = ""
    for piece in _spoken(pieces):
        waiting += piece
        while (end := _sentence_end(waiting)) is not None:
            yield from _claim(waiting[:end])
            waiting = waiting[end:]
    for line in re.split(r"(?<=[。！？!?\n])(?![\s\[【［〔”」』）)])", waiting):
        yield from _claim(line)


def _spoken(pieces: Iterable[str]) -> Iterator[str]:
    """The reply without what a model thinks aloud between tags."""
    waiting, closing = "", ""
    for piece in pieces:
        waiting += piece
        while True:
            if closing:
                _, tag, rest = waiting.partition(closing)
                if not tag:
                    waiting = waiting[-len(closing) :]
                    break
                waiting, closing = rest, ""
            start, opening, ending = min(
                ((at, tag, end) for tag, end in _THOUGHTS if (at := waiting.find(tag)) >= 0), default=(-1, "", "")
            )
            if start < 0:
                break
            yield waiting[:start]
            waiting, closing = waiting[start + len(opening) :], ending
        if not closing:
            held = _may_open(waiting)
            yield waiting[: len(waiting) - held]
            waiting = waiting[len(waiting) - held :]
    if not closing:
        yield waiting


def _may_open(text: str) -> int:
    """How many characters at the end of `text` may be the beginning of a thought's tag."""
    start = text.rfind("<", -len("<thinking>"))
    return len(text) - start if start >= 0 and any(tag.startswith(text[start:]) for tag, _ in _THOUGHTS) else 0


def _sentence_end(text: str) -> int | None:
    """Where the first sentence with the markers behind it ends; None where more of it may come."""
    end = _END.search(text)
    if end is None:
        return None
    position = end.end()
    while position < len(text):
        marker = _marker(text, position)
        if marker:
            position = marker.end()
        elif text[position] in _CLOSERS or text[position] in " \t":
            position += 1
        else:
            return None if _OPENING.match(text, position) else position
    return None


def _marker(text: str, position: int) -> re.Match[str] | None:
    found = _MARKER.match(text, position)
    return found if found and _NUMBERED.fullmatch(found[1]) else None


def _claim(words: str) -> Iterator[Claim]:
    markers = [match for match in _MARKER.finditer(words) if _NUMBERED.fullmatch(match[1])]
    for match in reversed(markers):
        words = words[: match.start()] + words[match.end() :]
    text = _EMPHASIS.sub("", _LIST_MARK.sub("", words.strip())).strip()
    if text.strip(_CLOSERS):
        numbers = (int(number) for match in markers for number in re.findall(r"\d{1,4}", match[1]))
        yield Claim(text, tuple(dict.fromkeys(numbers)), _END.search(words.strip(" \t")) is not None)
