"""The JSON API: `POST /api/chat`, `/healthz`, `/readyz`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from fastapi.sse import format_sse_event
from pydantic import BaseModel, ConfigDict, Field, field_validator

from server.answering.model import QUESTION_LIMIT, Answer, AnswerSentence, Citation, Shown, Turn
from server.event_stream import EventStream
from server.service import Asker, Service

HISTORY_LIMIT = 20
"""Turns of a conversation that are taken along with a question."""


CONVERSATION_ID = "^[0-9a-zA-Z-]{16,64}$"


class ChatRequest(BaseModel):
    """A question, with the conversation so far, oldest turn first.

    Who names the conversation, by an id that nobody guesses, can have it forgotten. `report` is the id of the one report
    to be asked; without it the places and years of the question decide.
    """

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=QUESTION_LIMIT)
    history: tuple[Turn, ...] = Field(default=(), max_length=HISTORY_LIMIT)
    conversation: str = Field(default="", pattern=f"^$|{CONVERSATION_ID}")
    report: str = Field(default="", max_length=200)

    @field_validator("question")
    @classmethod
    def _is_not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("blank")
        return value


class ErrorBody(BaseModel):
    """Every error: a stable code, and a sentence a citizen understands."""

    code: str
    message: str


def build_router(service: Service, limit: object, address: Callable[[Request], str] = lambda _: "") -> APIRouter:
    """The API's routes; `limit` is a dependency that raises where a client asks too often, `address` tells clients apart."""
    router = APIRouter()
    errors: dict[int | str, dict[str, object]] = {
        status: {"model": ErrorBody} for status in (400, 404, 408, 413, 422, 429, 503)
    }

    @router.post(
        "/api/chat",
        response_model=Answer,
        responses={**errors, 200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
        dependencies=[Depends(limit)],  # type: ignore[arg-type]
        summary="Answer a question from the report",
    )
    async def chat(request: Request, asked: ChatRequest) -> Response:
        asker = Asker(asked.conversation, address(request), asked.report)
        if _prefers_events(request.headers.get("accept", "")):
            events = service.stream(asked.question, asked.history, asker)
            first = await anext(events)
            return EventStream(_events(first, events), events)
        answer = await service.answer(asked.question, asked.history, asker)
        return Response(answer.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})

    @router.get("/healthz", summary="Whether the process is alive")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", summary="Whether questions can be answered", responses={503: {"model": ErrorBody}})
    async def readyz() -> dict[str, str]:
        return {"status": "ready", "snapshot": service.knowledge.snapshot.id}

    return router


def _prefers_events(accept: str) -> bool:
    return "text/event-stream" in accept.lower()


async def _events(
    first: str | Shown | Answer, rest: AsyncGenerator[str | Shown | Answer, None]
) -> AsyncGenerator[bytes, None]:
    """The answer as server-sent events: each step, each verified sentence after its citations, the whole."""
    item: str | Shown | Answer | None = first
    sentences, markers = 0, set[int]()
    while item is not None:
        if isinstance(item, str):
            yield _event("status", f'{{"stage":"{item}"}}')
        else:
            fresh = item.sentences[sentences:] if isinstance(item, Answer) else (item.sentence,)
            for event in _sentences(fresh, item.citations, markers):
                yield event
            sentences += len(fresh)
        if isinstance(item, Answer):
            yield _event("done", item.model_dump_json())
        item = await anext(rest, None)


def _sentences(fresh: Iterable[AnswerSentence], citations: Sequence[Citation], sent: set[int]) -> Iterator[bytes]:
    """Each sentence after its citations that were not sent before; adds those to `sent`."""
    for sentence in fresh:
        for citation in citations:
            if citation.marker in sentence.markers and citation.marker not in sent:
                sent.add(citation.marker)
                yield _event("citation", citation.model_dump_json())
        yield _event("sentence", sentence.model_dump_json())


def _event(name: str, data: str) -> bytes:
    return format_sse_event(event=name, data_str=data)
