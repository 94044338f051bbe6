"""A conversation as the pages know it: what was asked before and now, and who answers."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Protocol

from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from ingest.model import Corpus
from server.answering.model import QUESTION_LIMIT, TURN_LIMIT, Answer, AnswerSentence, Citation, Turn
from server.api import CONVERSATION_ID
from server.service import Asker

HISTORY_LIMIT = 10
"""Turns of a conversation that are sent along with a question; older ones are dropped."""
_TURN: TypeAdapter[Turn] = TypeAdapter(Turn)
_MALFORMED = "没能读懂提交的内容，请刷新页面后重新提问。"


class Shown(Protocol):
    """A sentence that is certain before the whole answer is, with the citations so far."""

    @property
    def sentence(self) -> AnswerSentence:
        """The sentence."""
        ...

    @property
    def citations(self) -> Sequence[Citation]:
        """What its markers, and those before it, point to."""
        ...


class Answerer(Protocol):
    """What answers questions about the reports, and keeps the answers."""

    @property
    def corpora(self) -> Mapping[str, Corpus]:
        """Every report by its id, the default one first."""
        ...

    @property
    def snapshot_id(self) -> str:
        """What is answered from now."""
        ...

    async def answer(self, question: str, history: Sequence[Turn], asker: Asker) -> Answer:
        """The answer to `question`, asked after `history`."""
        ...

    def stream(
        self, question: str, history: Sequence[Turn], asker: Asker
    ) -> AsyncGenerator[str | Shown | Answer, None]:
        """The name of each step as it begins, sentences that are certain early, and last the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form posted; `problem` says, under its status, why it cannot be answered; `report` is the one to be asked."""

    question: str = ""
    history: tuple[Turn, ...] = ()
    earlier: tuple[str, ...] = ()
    conversation: str = ""
    """The id by which the asker can have the conversation forgotten."""
    status: int = 200
    problem: str = ""
    report: str = ""

    @classmethod
    def read(cls, form: FormData) -> Asked:
        """The question, the conversation before it, and the ids of its answers."""
        # A suggested question comes with the empty field for one's own.
        posted = [_as_sent(words) if isinstance(words, str) else words for words in form.getlist("question")]
        if not all(isinstance(words, str) for words in posted):
            return cls(status=400, problem=_MALFORMED)
        # A browser counts a line break as one character and sends two.
        written = (str(words).replace("\r\n", "\n").strip() for words in posted)
        question = next(filter(None, written), "")
        try:
            sent = [_as_sent(turn) for turn in form.getlist("history") if isinstance(turn, str)]
            history = tuple(_TURN.validate_json(turn) for turn in sent)
        except ValidationError:
            return cls(question, status=400, problem=_MALFORMED)
        earlier = tuple(id_ for id_ in form.getlist("earlier") if isinstance(id_, str))[-HISTORY_LIMIT // 2 :]
        named = form.get("conversation")
        conversation = named if isinstance(named, str) and re.fullmatch(CONVERSATION_ID, named) else token_hex(16)
        problem = "" if question else "请先写下您的问题。"
        if len(question) > QUESTION_LIMIT:
            problem = f"问题最多写 {QUESTION_LIMIT} 个字，现在有 {len(question)} 个字，请写短一些。"
        report = str(form.get("report") or "")
        return cls(question, history[-HISTORY_LIMIT:], earlier, conversation, 422 if problem else 200, problem, report)

    def after(self, answer: Answer) -> tuple[Turn, ...]:
        """The conversation with this question and its answer added."""
        return (*self.history, *turns(answer))[-HISTORY_LIMIT:]

    @property
    def questions(self) -> list[str]:
        """What was asked before."""
        return [turn.content for turn in self.history if turn.role == "user"]


def _as_sent(words: str) -> str:
    """Words of a form that were sent as they are, and not percent-encoded: the parser takes such bytes for Latin-1."""
    try:
        return words.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return words


def turns(answer: Answer) -> tuple[Turn, Turn]:
    """A question and its answer as turns of a conversation."""
    said = Turn(role="assistant", content=answer.answer[:TURN_LIMIT])
    return Turn(role="user", content=answer.question[:TURN_LIMIT]), said
