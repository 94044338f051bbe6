"""The chat: a question posted by the form comes back as a page, or as events for the script of the page."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from fastapi.sse import format_sse_event

from server import page_views as views
from server.answer_pages import load
from server.answer_views import view_answer
from server.answering.model import QUESTION_LIMIT, Answer, Status
from server.conversation import HISTORY_LIMIT, Answerer, Asked, Shown, turns
from server.errors import personal_data_message
from server.event_stream import EventStream
from server.privacy import PersonalData
from server.rendering import error_page, origin, render, render_part, translate
from server.service import Asker
from server.storage import Records

_STAGES = {
    "understand": "正在理解问题……",
    "scope": "正在理解问题……",
    "retrieve": "正在查找报告……",
    "compose": "正在整理回答……",
    "verify": "正在核对原文……",
    "write": "正在组织语言，每句话都会先核对……",
    "cite": "正在核对原文……",
}


class ChatPages:
    """The endpoints of the chat."""

    def __init__(self, answerer: Answerer, records: Records, address: Callable[[Request], str]) -> None:
        self._answerer = answerer
        self._records = records
        self._address = address

    def chat(self, request: Request) -> Response:
        """The chat, before anything was asked; `?q=` fills the question in, `?report=` chooses a report."""
        asked = Asked(request.query_params.get("q", "")[:QUESTION_LIMIT], report=request.query_params.get("report", ""))
        return self._page(request, asked)

    async def ask(self, request: Request) -> Response:
        """The chat with the posted question and its answer, or the events that bring the answer."""
        wants_events = "text/event-stream" in request.headers.get("accept", "").lower()
        async with request.form() as form:
            asked = Asked.read(form)
        if asked.problem:
            if wants_events:
                return JSONResponse({"code": "invalid", "message": translate(request, asked.problem)}, asked.status)
            return self._page(request, asked)
        asker = Asker(asked.conversation, self._address(request), report=asked.report)
        if wants_events:
            items = self._answerer.stream(asked.question, asked.history, asker)
            first = await anext(items)
            return EventStream(self._events(request, asked, first, items), items)
        try:
            answer = await self._answerer.answer(asked.question, asked.history, asker)
        except PersonalData as personal:
            # Nothing was kept: what was written is only given back to be changed.
            refused = replace(asked, status=422, problem=personal_data_message(request, personal))
            return await run_sync(self._page, request, refused)
        saved = await load(self._records, answer.id) is not None
        earlier = [kept.answer for id_ in asked.earlier if (kept := await load(self._records, id_))]
        return await run_sync(self._page, request, asked, answer, saved, earlier)

    def _page(
        self,
        request: Request,
        asked: Asked,
        answer: Answer | None = None,
        is_saved: bool = False,
        earlier: Sequence[Answer] = (),
    ) -> Response:
        corpora = self._answerer.corpora
        corpus = corpora.get(asked.report) or views.default(corpora)
        if corpus is None:
            return error_page(request, 503, "报告还没有准备好，请稍后再来。")
        view = {
            "asked": asked,
            "corpus": corpus,
            "reports": [one.report for one in corpora.values()],
            "answer": view_answer(corpora, answer, asked.questions, is_saved) if answer else None,
            # Answers that are no longer kept are shown by their words alone.
            "earlier": (
                [view_answer(corpora, one, is_saved=True) for one in earlier]
                if len(earlier) * 2 == len(asked.history)
                else None
            ),
            "history": asked.after(answer) if answer else asked.history,
            "answers": [*asked.earlier, *([answer.id] if answer else [])][-HISTORY_LIMIT // 2 :],
            "limits": {"question": QUESTION_LIMIT, "history": HISTORY_LIMIT},
            "examples": views.example_questions(corpus),
        }
        return render(request, "chat.html", view, asked.status)

    async def _events(
        self,
        request: Request,
        asked: Asked,
        first: str | Shown | Answer,
        rest: AsyncGenerator[str | Shown | Answer, None],
    ) -> AsyncGenerator[bytes, None]:
        item: str | Shown | Answer | None = first
        shown: list[Shown] = []
        while item is not None:
            if isinstance(item, str):
                yield _event("status", {"words": translate(request, _STAGES.get(item, _STAGES["compose"]))})
            elif isinstance(item, Answer):
                saved = await load(self._records, item.id) is not None
                yield _event("done", await run_sync(self._done, request, asked, item, saved, shown))
            else:
                shown.append(item)
                yield _event("sentence", await run_sync(self._so_far, request, asked, shown))
            item = await anext(rest, None)

    def _so_far(self, request: Request, asked: Asked, shown: Sequence[Shown]) -> Mapping[str, object]:
        """What is certain of an answer while the rest is on its way, as it is shown, and what is new, as it is heard."""
        sentences = tuple(one.sentence for one in shown)
        begun = Answer(
            id="begun", status=Status.ANSWERED, question=asked.question, resolved_question=asked.question, mode="llm",
            answer="", sentences=sentences, citations=tuple(shown[-1].citations), related=(), notice=None, snapshot="",
            timings_ms={},
        )  # fmt: skip
        view = view_answer(self._answerer.corpora, begun)
        return {"html": render_part(request, "answer.html", "so_far", view), "heard": sentences[-1].text}

    def _done(
        self, request: Request, asked: Asked, answer: Answer, is_saved: bool, shown: Sequence[Shown]
    ) -> Mapping[str, object]:
        """All the script needs: the exchange as shown, the sentences that were not heard yet, the turns to send on."""
        view = view_answer(self._answerer.corpora, answer, asked.questions, is_saved)
        count = len(answer.citations)
        end = translate(request, "回答好了，有 {count} 处出处。").format(count=count) if count else ""
        heard = {one.sentence.text for one in shown}
        words = [s.text for s in answer.sentences if s.text not in heard] if answer.sentences else [answer.answer]
        return {
            "id": answer.id,
            "question": answer.question,
            "html": render_part(request, "answer.html", "exchange", view, origin(request)),
            "suggested": render_part(request, "answer.html", "suggestions", view),
            "heard": [*words, end],
            "turns": [turn.model_dump() for turn in turns(answer)],
        }


def _event(name: str, data: Mapping[str, object]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))
