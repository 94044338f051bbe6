"""The chat: a question posted by the form comes back as a page, or as events for the script of the page."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, get_args

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from ingest.model import Corpus
from server import page_views as views
from server.answer_views import view_answer
from server.answering.model import QUESTION_LIMIT, TURN_LIMIT, Answer, AnswerSentence, Citation, Status, Turn
from server.records import REASONS, WORDS_LIMIT, Reason, Records, RecordsError, SavedAnswer
from server.rendering import error_page, render, render_part, translate

_LOG = logging.getLogger(__name__)
HISTORY_LIMIT = 10
"""Turns of a conversation that are sent along with a question; older ones are dropped."""
_TURN: TypeAdapter[Turn] = TypeAdapter(Turn)
_MALFORMED = "没能读懂提交的内容，请刷新页面后重新提问。"
_GONE = "没有这条回答，或者它已经过期。请重新提问。"
_UNSAVED = "现在保存不了，请稍后再试。"
_STAGES = {
    "understand": "正在理解问题……",
    "scope": "正在理解问题……",
    "retrieve": "正在查找报告……",
    "compose": "正在整理回答……",
    "verify": "正在核对原文……",
    "cite": "正在核对原文……",
}


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
    """What answers questions about the reports."""

    @property
    def corpora(self) -> Mapping[str, Corpus]:
        """Every report by its id."""
        ...

    @property
    def snapshot_id(self) -> str:
        """What is answered from now."""
        ...

    async def answer(self, question: str, history: Sequence[Turn]) -> Answer:
        """The answer to `question`, asked after `history`."""
        ...

    def stream(self, question: str, history: Sequence[Turn]) -> AsyncIterator[str | Shown | Answer]:
        """The name of each step as it begins, sentences that are certain early, and last the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form posted; `problem` says, under its status, why it cannot be answered."""

    question: str = ""
    history: tuple[Turn, ...] = ()
    earlier: tuple[str, ...] = ()
    status: int = 200
    problem: str = ""

    @classmethod
    def read(cls, form: FormData) -> Asked:
        """The question, the conversation before it, and the ids of its answers."""
        # A suggested question comes with the empty field for one's own.
        posted = form.getlist("question")
        if not all(isinstance(words, str) for words in posted):
            return cls(status=400, problem=_MALFORMED)
        # A browser counts a line break as one character and sends two.
        written = (str(words).replace("\r\n", "\n").strip() for words in posted)
        question = next(filter(None, written), "")
        try:
            history = tuple(_TURN.validate_json(turn) for turn in form.getlist("history") if isinstance(turn, str))
        except ValidationError:
            return cls(question, status=400, problem=_MALFORMED)
        earlier = tuple(id_ for id_ in form.getlist("earlier") if isinstance(id_, str))[-HISTORY_LIMIT // 2 :]
        problem = "" if question else "请先写下您的问题。"
        if len(question) > QUESTION_LIMIT:
            problem = f"问题最多写 {QUESTION_LIMIT} 个字，现在有 {len(question)} 个字，请写短一些。"
        return cls(question, history[-HISTORY_LIMIT:], earlier, 422 if problem else 200, problem)

    def after(self, answer: Answer) -> tuple[Turn, ...]:
        """The conversation with this question and its answer added."""
        return (*self.history, *turns(answer))[-HISTORY_LIMIT:]

    @property
    def questions(self) -> list[str]:
        """What was asked before."""
        return [turn.content for turn in self.history if turn.role == "user"]


def turns(answer: Answer) -> tuple[Turn, Turn]:
    """A question and its answer as turns of a conversation."""
    said = Turn(role="assistant", content=answer.answer[:TURN_LIMIT])
    return Turn(role="user", content=answer.question[:TURN_LIMIT]), said


class ChatPages:
    """The endpoints of the chat and of single answers."""

    def __init__(self, answerer: Answerer, records: Records) -> None:
        self._answerer = answerer
        self._records = records

    def chat(self, request: Request) -> Response:
        """The chat, before anything was asked; `?q=` fills the question in."""
        return self._page(request, Asked(request.query_params.get("q", "")[:QUESTION_LIMIT]))

    async def ask(self, request: Request) -> Response:
        """The chat with the posted question and its answer, or the events that bring the answer."""
        wants_events = "text/event-stream" in request.headers.get("accept", "").lower()
        async with request.form() as form:
            asked = Asked.read(form)
        if asked.problem:
            if wants_events:
                return JSONResponse({"code": "invalid", "message": translate(request, asked.problem)}, asked.status)
            return self._page(request, asked)
        if wants_events:
            items = self._answerer.stream(asked.question, asked.history)
            first = await anext(items)
            return EventSourceResponse(
                self._events(request, asked, first, items), headers={"Cache-Control": "no-store"}
            )
        answer = await self._answerer.answer(asked.question, asked.history)
        saved = await self._save(answer)
        earlier = [kept.answer for id_ in asked.earlier if (kept := await self._load(id_))]
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
        corpus = views.newest(corpora)
        if corpus is None:
            return error_page(request, 503, "报告还没有准备好，请稍后再来。")
        view = {
            "asked": asked,
            "corpus": corpus,
            "answer": view_answer(corpora, answer, asked.questions, is_saved) if answer else None,
            # Answers that are no longer kept are shown by their words alone.
            "earlier": (
                [view_answer(corpora, one, is_saved=True) for one in earlier]
                if len(earlier) * 2 == len(asked.history)
                else None
            ),
            "history": asked.after(answer) if answer else asked.history,
            "answers": [*asked.earlier, *([answer.id] if answer else [])][-HISTORY_LIMIT // 2 :],
            "limits": {"question": QUESTION_LIMIT, "history": HISTORY_LIMIT, "words": WORDS_LIMIT},
            "examples": views.example_questions(corpus),
        }
        return render(request, "chat.html", view, asked.status)

    async def _events(
        self, request: Request, asked: Asked, first: str | Shown | Answer, rest: AsyncIterator[str | Shown | Answer]
    ) -> AsyncIterator[bytes]:
        item: str | Shown | Answer | None = first
        shown: list[Shown] = []
        while item is not None:
            if isinstance(item, str):
                yield _event("status", {"words": translate(request, _STAGES.get(item, _STAGES["compose"]))})
            elif isinstance(item, Answer):
                saved = await self._save(item)
                yield _event("done", await run_sync(self._done, request, asked, item, saved, len(shown)))
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

    def _done(self, request: Request, asked: Asked, answer: Answer, is_saved: bool, heard: int) -> Mapping[str, object]:
        """All the script needs: the exchange as shown, the sentences that were not heard yet, the turns to send on."""
        view = view_answer(self._answerer.corpora, answer, asked.questions, is_saved)
        count = len(answer.citations)
        end = translate(request, "回答好了，有 {count} 处出处。").format(count=count) if count else ""
        words = [sentence.text for sentence in answer.sentences[heard:]] if answer.sentences else [answer.answer]
        return {
            "id": answer.id,
            "question": answer.question,
            "html": render_part(request, "answer.html", "exchange", view, _origin(request)),
            "suggested": render_part(request, "answer.html", "suggestions", view.suggestions),
            "heard": [*words, end],
            "turns": [turn.model_dump() for turn in turns(answer)],
        }

    async def answer(self, request: Request, answer_id: str) -> Response:
        """One answer at its own address, with the snapshot it was made from."""
        saved = await self._load(answer_id)
        if saved is None:
            return error_page(request, 404, _GONE)
        return await run_sync(self._answer_page, request, saved)

    def _answer_page(self, request: Request, saved: SavedAnswer) -> Response:
        view = {
            "answer": view_answer(self._answerer.corpora, saved.answer, is_saved=True),
            "saved": saved,
            "is_current": saved.answer.snapshot == self._answerer.snapshot_id,
            "history": turns(saved.answer),
            "limits": {"question": QUESTION_LIMIT},
            "thanks": request.query_params.get("thanks", ""),
        }
        return render(request, "saved.html", view)

    async def keep(self, request: Request, answer_id: str) -> Response:
        """Keep an answer for good."""
        try:
            is_kept = await run_sync(self._records.keep_answer, answer_id)
        except RecordsError:
            _LOG.exception("an answer was not kept")
            return _refusal(request, 503, "unsaved", _UNSAVED)
        if not is_kept:
            return _refusal(request, 404, "not_found", _GONE)
        address = f"/answers/{answer_id}"
        if _wants_json(request):
            return JSONResponse({"address": _origin(request) + address})
        return RedirectResponse(address, 303)

    async def wrong(self, request: Request, answer_id: str) -> Response:
        """Take down what a person says is wrong with an answer."""
        async with request.form() as form:
            reason, words = form.get("reason"), form.get("words", "")
        if reason not in REASONS or not isinstance(words, str):
            return _refusal(request, 422, "invalid", "请选一项原因再提交。")
        if len(words.replace("\r\n", "\n")) > WORDS_LIMIT:
            return _refusal(request, 422, "invalid", f"说明最多写 {WORDS_LIMIT} 个字，请写短一些。")
        try:
            number = await run_sync(self._records.report_error, answer_id, _reason(reason), words.strip())
        except RecordsError:
            _LOG.exception("what is wrong with an answer was not taken down")
            return _refusal(request, 503, "unsaved", _UNSAVED)
        if number is None:
            return _refusal(request, 404, "not_found", _GONE)
        if _wants_json(request):
            thanks = translate(request, "谢谢，已经记下（编号 {number}）。").format(number=number)
            return JSONResponse({"number": number, "message": thanks})
        return RedirectResponse(f"/answers/{answer_id}?thanks={number}", 303)

    async def _save(self, answer: Answer) -> bool:
        """Whether the answer can be opened again; an answer is shown all the same where it cannot."""
        try:
            await run_sync(self._records.save_answer, answer)
        except RecordsError:
            _LOG.exception("an answer was not saved")
            return False
        return True

    async def _load(self, answer_id: str) -> SavedAnswer | None:
        try:
            return await run_sync(self._records.load_answer, answer_id)
        except RecordsError:
            _LOG.exception("an answer was not loaded")
            return None


def _reason(value: object) -> Reason:
    return next(reason for reason in get_args(Reason) if reason == value)


def _refusal(request: Request, status: int, code: str, message: str) -> Response:
    if _wants_json(request):
        return JSONResponse({"code": code, "message": translate(request, message)}, status)
    return error_page(request, status, message)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "").lower()


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _event(name: str, data: Mapping[str, object]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))
