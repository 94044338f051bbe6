"""What an answer is made of; also the wire format of `POST /api/chat`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from server.answering.details import Details

QUESTION_LIMIT = 500
"""Characters a question may have."""


TURN_LIMIT = 4000
"""Characters that one turn of the conversation so far may have."""


class Status(StrEnum):
    """Every way a question can end. Only what begins with `answered` is an answer."""

    ANSWERED = "answered"
    ANSWERED_PARTLY = "answered_partly"
    ANSWERED_CORRECTION = "answered_correction"
    ANSWERED_GREETING = "answered_greeting"
    ANSWERED_THANKS = "answered_thanks"
    CLARIFY = "clarify"
    NOT_IN_REPORT = "unanswerable_not_in_report"
    OTHER_PLACE = "unanswerable_other_place"
    OTHER_YEAR = "unanswerable_other_year"
    PERSONAL = "unanswerable_personal"
    ADVICE = "unanswerable_advice"
    REALTIME = "unanswerable_realtime"
    TASK = "unanswerable_task"
    CHITCHAT = "unanswerable_chitchat"
    EMERGENCY = "unanswerable_emergency"
    INSULT = "refused_insult"
    INJECTION = "refused_injection"
    PROMPT_THEFT = "refused_prompt"
    ERROR_BUSY = "error_busy"
    ERROR_INTERNAL = "error_internal"

    @property
    def is_answer(self) -> bool:
        """Whether the asker got an answer."""
        return self.value.startswith("answered")


Kind = Literal["passage", "term", "indicator"]
Origin = Literal["quoted", "composed", "computed", "generated"]
Mode = Literal["extractive", "llm"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(_Record):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=TURN_LIMIT)


class Place(_Record):
    """A verbatim span of canonical text and where it stands; `url` opens it, highlighted."""

    kind: Kind
    report: str
    title: str
    quote: str
    start: int
    end: int
    url: str


class Citation(Place):
    """A place that an answer's marker points to."""

    marker: int


class AnswerSentence(_Record):
    """One sentence of an answer: its words, the markers of its citations, and where its words come from."""

    text: str
    markers: tuple[int, ...]
    origin: Origin


class Answer(_Record):
    """All that is known of one answered (or not answered) question."""

    id: str
    status: Status
    question: str
    resolved_question: str
    mode: Mode
    answer: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    related: tuple[Place, ...]
    notice: str | None
    snapshot: str
    timings_ms: dict[str, float]
    _details: Details = PrivateAttr(default_factory=Details)

    @property
    def details(self) -> Details:
        """What it came from; known of an answer just made, and never sent."""
        return self._details

    def detailed(self, details: Details) -> Answer:
        """The same answer, which also knows what it came from."""
        self._details = details
        return self


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence that is verified and cited and can be shown while the rest of the answer is being written."""

    sentence: AnswerSentence
    citations: tuple[Citation, ...]
