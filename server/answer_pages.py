"""Single answers at addresses of their own: opened again, kept for good, complained about."""

from __future__ import annotations

import logging
from typing import get_args

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from server.answer_views import view_answer
from server.answering.clean import clean
from server.answering.model import QUESTION_LIMIT
from server.conversation import Answerer, turns
from server.privacy import refuse_personal_data
from server.rendering import error_page, origin, render, translate
from server.storage import REASONS, WORDS_LIMIT, Reason, Records, SavedAnswer, StorageError

_LOG = logging.getLogger(__name__)
_GONE = "没有这条回答，或者它已经过期。请重新提问。"
_UNSAVED = "现在保存不了，请稍后再试。"


async def load(records: Records, answer_id: str) -> SavedAnswer | None:
    """The answer with this id, None where it cannot be had."""
    try:
        return await run_sync(records.load_answer, answer_id)
    except StorageError:
        _LOG.exception("an answer was not loaded")
        return None


class AnswerPages:
    """The endpoints of single answers."""

    def __init__(self, answerer: Answerer, records: Records) -> None:
        self._answerer = answerer
        self._records = records

    async def answer(self, request: Request, answer_id: str) -> Response:
        """One answer at its own address, with the snapshot it was made from."""
        saved = await load(self._records, answer_id)
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
            "thanks": number if (number := request.query_params.get("thanks", "")).isdecimal() else "",
        }
        return render(request, "saved.html", view)

    async def keep(self, request: Request, answer_id: str) -> Response:
        """Keep an answer for good."""
        try:
            is_kept = await run_sync(self._records.keep_answer, answer_id)
        except StorageError:
            _LOG.exception("an answer was not kept")
            return _refusal(request, 503, "unsaved", _UNSAVED)
        if not is_kept:
            return _refusal(request, 404, "not_found", _GONE)
        address = f"/answers/{answer_id}"
        if _wants_json(request):
            return JSONResponse({"address": origin(request) + address})
        return RedirectResponse(address, 303)

    async def wrong(self, request: Request, answer_id: str) -> Response:
        """Take down what a person says is wrong with an answer.

        :raises PersonalData: the words hold some; they are neither kept nor logged.
        """
        async with request.form() as form:
            reason, words = form.get("reason"), form.get("words", "")
        if reason not in REASONS or not isinstance(words, str):
            return _refusal(request, 422, "invalid", "请选一项原因再提交。")
        if len(words.replace("\r\n", "\n")) > WORDS_LIMIT:
            return _refusal(request, 422, "invalid", f"说明最多写 {WORDS_LIMIT} 个字，请写短一些。")
        words = clean(words)
        refuse_personal_data(words)
        try:
            number = await run_sync(self._records.report_error, answer_id, words, _reason(reason))
        except LookupError:
            return _refusal(request, 404, "not_found", _GONE)
        except StorageError:
            _LOG.exception("what is wrong with an answer was not taken down")
            return _refusal(request, 503, "unsaved", _UNSAVED)
        if _wants_json(request):
            thanks = translate(request, "谢谢，已经记下（编号 {number}）。").format(number=number)
            return JSONResponse({"number": number, "message": thanks})
        return RedirectResponse(f"/answers/{answer_id}?thanks={number}", 303)


def _reason(value: object) -> Reason:
    return next(reason for reason in get_args(Reason) if reason == value)


def _refusal(request: Request, status: int, code: str, message: str) -> Response:
    if _wants_json(request):
        return JSONResponse({"code": code, "message": translate(request, message)}, status)
    return error_page(request, status, message)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "").lower()
