"""The chat under the addresses that other software expects: `/v1/chat/completions` and `/v1/models`."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.tokens import count_tokens
from server.answering.model import QUESTION_LIMIT, TURN_LIMIT, Answer, AnswerSentence, Place, Shown, Turn
from server.answering.replies import GENERATED
from server.api import HISTORY_LIMIT
from server.event_stream import EventStream
from server.service import Asker, Service

MODEL = "planqa"
"""The model; `planqa/<id>` is the same with one report alone. A request may name any other and gets this one."""
_OF_REPORT = f"{MODEL}/"
_NO_STORE = {"Cache-Control": "no-store"}


class RequestRefused(Exception):
    """A request that cannot be answered; the message says why and what is allowed."""


class _Part(BaseModel):
    """A piece of a message's content."""

    type: str
    text: str = ""


class _Message(BaseModel):
    """One message; fields of other roles are passed over."""

    role: str
    content: str | list[_Part] | None = None

    @property
    def text(self) -> str:
        """The words of the message.

        :raises RequestRefused: it holds something other than text.
        """
        if isinstance(self.content, list):
            if any(part.type != "text" for part in self.content):
                raise RequestRefused("只支持文字内容（content 的 type 必须是 text）。")
            return "".join(part.text for part in self.content)
        return self.content or ""


class _StreamOptions(BaseModel):
    include_usage: bool = False


class CompletionRequest(BaseModel):
    """What is read of a request; everything else (temperature, tools, …) changes nothing here."""

    model_config = ConfigDict(extra="ignore")

    model: str = MODEL
    messages: list[_Message] = Field(min_length=1, max_length=400)
    stream: bool = False
    stream_options: _StreamOptions | None = None
    n: Literal[1] | None = None

    def conversation(self) -> tuple[str, tuple[Turn, ...]]:
        """The question, which is the last message, and the turns before it; messages of other roles give no orders here.

        :raises RequestRefused: the last message is not the asker's, or no question of a length that is answered.
        """
        *earlier, last = self.messages
        question = last.text.strip()
        if last.role != "user" or not question:
            raise RequestRefused("最后一条消息必须是用户的问题（role 为 user，content 不为空）。")
        if len(question) > QUESTION_LIMIT:
            raise RequestRefused(f"问题最多写 {QUESTION_LIMIT} 个字，现在有 {len(question)} 个字。")
        told = [(message.role, message.text[:TURN_LIMIT]) for message in earlier]
        turns = [
            Turn(role="user" if role == "user" else "assistant", content=text) for role, text in told if role in _TALK
        ]
        return question, tuple(turns[-HISTORY_LIMIT:])


_TALK = ("user", "assistant")


def build_router(service: Service, limit: object, address: Callable[[Request], str] = lambda _: "") -> APIRouter:
    """The routes; `limit` is a dependency that raises where a client asks too often, `address` tells clients apart."""
    router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])

    @router.post(
        "/chat/completions",
        dependencies=[Depends(limit)],  # type: ignore[arg-type]
        summary="Answer the last message from the report; citations in `citations`",
        response_model=None,
        openapi_extra={
            "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}
        },
    )
    async def complete(request: Request) -> Response:
        try:
            asked = CompletionRequest.model_validate_json(await request.body())
            question, history = asked.conversation()
        except ValidationError as error:
            return _refusal(_where(error))
        except RequestRefused as refused:
            return _refusal(str(refused))
        report = asked.model.removeprefix(_OF_REPORT) if asked.model.startswith(_OF_REPORT) else ""
        asker = Asker(address=address(request), report=report)
        if not asked.stream:
            return JSONResponse(_completion(await service.answer(question, history, asker)), headers=_NO_STORE)
        items = service.stream(question, history, asker)
        first = await anext(items)
        with_usage = asked.stream_options is not None and asked.stream_options.include_usage
        return EventStream(_stream(first, items, with_usage), items)

    def names() -> list[str]:
        several = service.corpora if len(service.corpora) > 1 else ()
        return [MODEL, *(f"{_OF_REPORT}{report}" for report in several)]

    @router.get("/models", summary="The model, and the same of each report where several are loaded")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [_model(name) for name in names()]}

    @router.get("/models/{name:path}", summary="One of the models", response_model=None)
    async def model(name: str) -> Response:
        if name not in names():
            return error_response(404, "not_found", f"没有名为 {name[:80]} 的模型，只有 {'、'.join(names())}。")
        return JSONResponse(_model(name))

    return router


def error_response(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error in the form that OpenAI's clients read."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return JSONResponse(body, status_code=status, headers=headers)


def readable(answer: Answer) -> str:
    """The answer with its sources below it, for where nothing but text is shown."""
    return answer.answer + _below(answer)


def _below(answer: Answer) -> str:
    places: Sequence[Place] = answer.citations or (() if answer.status.is_answer else answer.related)
    lines = [f"注意：{answer.notice}"] if answer.notice else []
    if places:
        lines.append("出处：" if answer.citations else "最接近的内容：")
    for place in places:
        marker = f"[{place.marker}]" if hasattr(place, "marker") else "·"
        lines.append(f"{marker} {place.title}：“{place.quote}”（{place.url}）")
    return "\n\n" + "\n".join(lines) if lines else ""


def _completion(answer: Answer) -> dict[str, Any]:
    text = readable(answer)
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    head = {"id": f"chatcmpl-{answer.id}", "object": "chat.completion", "created": int(time.time()), "model": MODEL}
    return head | {"choices": [choice], "usage": _usage(answer, text)} | _extension(answer)


def _extension(answer: Answer) -> dict[str, Any]:
    """What goes beyond OpenAI's fields: the citations, and the answer as `/api/chat` gives it."""
    whole = answer.model_dump(mode="json")
    return {
        "citations": whole["citations"],
        "planqa": {k: v for k, v in whole.items() if k not in ("citations", "answer")},
    }


def _usage(answer: Answer, text: str) -> dict[str, int]:
    """Tokens of the question and of the reply."""
    asked, replied = count_tokens(answer.question), count_tokens(text)
    return {"prompt_tokens": asked, "completion_tokens": replied, "total_tokens": asked + replied}


async def _stream(
    first: str | Shown | Answer, rest: AsyncGenerator[str | Shown | Answer, None], with_usage: bool
) -> AsyncGenerator[str, None]:
    """Verified sentences as pieces of a completion; the sources and the extension come with the last."""
    head = {"id": f"chatcmpl-{time.time_ns():x}", "object": "chat.completion.chunk", "created": int(time.time())}
    head["model"] = MODEL

    def piece(delta: dict[str, str], finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event(head | {"choices": [choice]} | more)

    yield piece({"role": "assistant", "content": ""})
    sent = 0
    item: str | Shown | Answer | None = first
    while item is not None:
        if isinstance(item, Shown):
            sent += 1
            yield piece({"content": _words(item.sentence)})
        elif isinstance(item, Answer):
            yield piece({"content": _rest(item, sent)})
            yield piece({}, "stop", **_extension(item))
            if with_usage:
                yield _event(head | {"choices": [], "usage": _usage(item, readable(item))})
        item = await anext(rest, None)
    yield "data: [DONE]\n\n"


def _rest(answer: Answer, sent: int) -> str:
    """What is still to be sent of an answer: its sentences from `sent` on, its mark, its sources."""
    if not answer.sentences:
        return readable(answer)
    mark = f"\n{GENERATED}" if answer.mode == "llm" else ""
    return "".join(_words(sentence) for sentence in answer.sentences[sent:]) + mark + _below(answer)


def _words(sentence: AnswerSentence) -> str:
    return sentence.text + "".join(f"[{marker}]" for marker in sentence.markers)


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "planqa"}


def _refusal(message: str) -> JSONResponse:
    return error_response(400, "invalid", message)


def _where(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return "没能读懂提交的内容：请求不是有效的 JSON。"
    return f"提交的内容不符合要求，请检查 {'.'.join(map(str, first['loc'])) or '请求正文'}。"
