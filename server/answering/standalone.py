"""A follow-up completed by a model, from nothing but the asker's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.normalise import fold
from prompts.render import render
from server.answering.clean import simplify
from server.answering.model import QUESTION_LIMIT, Turn
from server.answering.numbers import digit_runs
from server.answering.wording import bigrams, missing, plain
from server.llm import Message

_FILLER = re.compile(r"[那呢呀啊吧吗么]")
TURNS = 3
"""The asker's turns that are looked back on."""


def messages(question: str, history: Sequence[Turn]) -> list[Message]:
    """What the model is asked. What the assistant said is left out: it could hold words of anybody."""
    prompt = render("standalone", turns=_asked(history), question=question)
    return [Message("system", prompt.system), Message("user", prompt.user)]


def accepted(reply: str, question: str, history: Sequence[Turn]) -> str | None:
    """The model's question, if it is one that keeps the follow-up's words and adds none but the asker's; else None."""
    written = simplify(plain(reply.strip().removeprefix("改写：")))
    own = plain("|".join([*_asked(history), question]))
    total, absent, _ = missing(written, own)
    keeps = bigrams(_FILLER.sub(" ", plain(question))) <= bigrams(written)
    known = digit_runs(fold(own))
    is_one = 0 < len(written) <= QUESTION_LIMIT and not re.search(r"\n|[？?。].", written)
    return written if is_one and total and not absent and keeps and digit_runs(fold(written)) <= known else None


def _asked(history: Sequence[Turn]) -> list[str]:
    return [turn.content[:QUESTION_LIMIT] for turn in history if turn.role == "user"][-TURNS:]
