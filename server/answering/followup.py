"""A follow-up → a question that stands alone, from the conversation so far."""

from __future__ import annotations

import re
from collections.abc import Sequence

from server.answering.model import Turn

_ELLIPTIC = re.compile(r"^(?:那|那么|还有|其中|另外|再|它|他|她|其|这|该|此)|(?:呢|呀)[?？]?$")
_SHORT = 14
_YEAR = re.compile(r"(?:19|20)\d{2}年|今年|去年|明年|前年|上年|本年度?")
_PRONOUN = re.compile(r"^(?:那么?)?[,，]?(?:它|这个|那个|这项|该项?|其中?|此)(?:的|是)?")
_FILLER = re.compile(r"^(?:那么?|还有|另外|再问一下|请问)[,，]?|[呢呀啊吧]?[?？。!！]*$")
_ASKING = re.compile(
    r"(?:是|有|为|达到|控制在|增长)?(?:多少|几[个家项处条]?|什么|哪些|哪几[个项]|怎么样|如何).*$|[吗呢?？。]+$"
)


def resolve(question: str, history: Sequence[Turn]) -> str:
    """The question completed by the last one of the asker, where it cannot be understood alone.

    A new year takes the old one's place; a pronoun takes the old topic; anything else is put behind the old topic.
    """
    earlier = [turn.content.strip() for turn in history if turn.role == "user" and turn.content.strip()]
    if not earlier or not _is_elliptic(question):
        return question
    last = earlier[-1]
    core = _FILLER.sub("", _FILLER.sub("", question))
    if _YEAR.fullmatch(core):
        return _YEAR.sub(core, last, count=1) if _YEAR.search(last) else f"{core}{last}"
    topic = _ASKING.sub("", last).strip("，,。 ")
    rest = _PRONOUN.sub("", core)
    if _YEAR.search(rest):
        topic = _YEAR.sub("", topic)
    return f"{topic}，{rest}" if rest else last


def _is_elliptic(question: str) -> bool:
    return (bool(_ELLIPTIC.search(question)) and len(question) <= 3 * _SHORT) or len(question) <= _SHORT // 2
