"""What was answered, over HTTP: read an answer again, report it wrong, have a conversation forgotten; the figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from server.answering.clean import clean
from server.answering.model import Answer
from server.api import CONVERSATION_ID, ErrorBody
from server.metrics import CONTENT_TYPE, Metrics
from server.privacy import refuse_personal_data
from server.storage import WORDS_LIMIT, Reason, Store

AnswerId = Annotated[str, Path(pattern="^[0-9a-zA-Z-]{1,64}$")]
ConversationId = Annotated[str, Path(pattern=CONVERSATION_ID)]


class ErrorComment(BaseModel):
    """What is wrong with an answer, in the reader's words."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field(default="", max_length=WORDS_LIMIT)
    reason: Reason = "other"


class Reported(BaseModel):
    """The number under which a report is worked on."""

    report: int


class Deleted(BaseModel):
    """How many answers were forgotten."""

    deleted: int


def build_router(store: Store, limit: object) -> APIRouter:
    """The routes over `store`; `limit` is a dependency that raises where a client asks too often."""
    router = APIRouter(
        prefix="/api",
        dependencies=[Depends(limit)],  # type: ignore[arg-type]
        responses={status: {"model": ErrorBody} for status in (400, 404, 422, 429, 503)},
    )

    @router.get("/answers/{answer_id}", response_model=Answer, summary="An answer as it was given")
    def read(answer_id: AnswerId) -> Answer:
        found = store.load_answer(answer_id)
        if found is None:
            raise HTTPException(404)
        return found.answer

    @router.post("/answers/{answer_id}/reports", status_code=201, summary="Report an answer as wrong")
    def report(answer_id: AnswerId, said: ErrorComment) -> Reported:
        comment = clean(said.comment)
        refuse_personal_data(comment)
        try:
            return Reported(report=store.report_error(answer_id, comment, said.reason))
        except LookupError as error:
            raise HTTPException(404) from error

    @router.delete("/conversations/{conversation}", summary="Forget a conversation, and what was reported of it")
    def forget(conversation: ConversationId) -> Deleted:
        return Deleted(deleted=store.delete_conversation(conversation))

    return router


def metrics_router(metrics: Metrics) -> APIRouter:
    """`/metrics`, for Prometheus."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    def figures() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return router
