"""Every error an asker can meet: a stable code, a sentence in Chinese, JSON for programs and a page for browsers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from server import openai_api
from server.answering.model import QUESTION_LIMIT
from server.headers import HEADERS
from server.privacy import PersonalData
from server.rendering import error_page, translate
from server.service import Busy, ChatOff, NotReady, UnknownReport
from server.storage import StorageError

_MESSAGES: dict[str, str] = {
    "malformed": "没能读懂提交的内容：请求不是有效的 JSON。",
    "question_missing": "请先写下您的问题。",
    "question_too_long": f"问题最多写 {QUESTION_LIMIT} 个字，请写短一些。",
    "invalid": "提交的内容不符合要求。",
    "too_large": "提交的内容太大。",
    "not_found": "没有找到这个页面。",
    "no_report": "",
    "not_allowed": "这个地址不支持这样的请求。",
    "too_many": "您问得太快了，请稍等片刻再问。",
    "starting": "服务正在启动，请稍等片刻再试。",
    "busy": "现在提问的人较多，请稍等片刻再试。",
    "too_slow": "提交的内容迟迟没有传完，请检查网络后再试。",
    "timeout": "这个问题处理得太久，没能回答。请换个问法再试。",
    "personal_data": "您写的内容里像是有个人信息。为保护隐私，没有处理，也没有保存。请去掉后再试：",
    "chat_off": "问答暂停服务。",
    "unauthorized": "请先登录。",
    "forbidden": "页面已过期，请返回后重试。",
    "internal": "系统出了点问题，没能回答。请稍后再试。",
}
_BY_STATUS = {
    400: "malformed",
    401: "unauthorized",
    404: "not_found",
    405: "not_allowed",
    413: "too_large",
    408: "too_slow",
    422: "invalid",
    429: "too_many",
}
_QUESTION_CODES = {
    "string_too_long": "question_too_long",
    "string_too_short": "question_missing",
    "missing": "question_missing",
    "value_error": "question_missing",
}
RETRY_SECONDS = 5
OFF_SECONDS = 300


_TRY_AGAIN: dict[type[Exception], str] = {
    NotReady: "starting",
    Busy: "busy",
    TimeoutError: "timeout",
    StorageError: "busy",
}


def install(app: FastAPI) -> None:
    """Answer every error of `app` in the documented form."""
    for kind, code in _TRY_AGAIN.items():
        app.add_exception_handler(kind, _try_again(code))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return answer(request, 400, "malformed")
        return answer(request, 422, _question_code(first["loc"], first["type"]), _where(first))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.status_code, "invalid" if error.status_code < 500 else "internal")
        return answer(request, error.status_code, code, headers=error.headers)

    @app.exception_handler(ChatOff)
    async def off(request: Request, error: ChatOff) -> Response:
        return answer(request, 503, "chat_off", str(error), headers={"Retry-After": str(OFF_SECONDS)})

    @app.exception_handler(UnknownReport)
    async def no_report(request: Request, error: UnknownReport) -> Response:
        return answer(request, 404, "no_report", str(error))

    @app.exception_handler(PersonalData)
    async def personal(request: Request, error: PersonalData) -> Response:
        return answer(request, 422, "personal_data", _kinds(request, error))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, _: Exception) -> Response:
        # This answer is made outside the middleware that sets the headers.
        return answer(request, 500, "internal", headers=HEADERS)


def personal_data_message(request: Request, error: PersonalData) -> str:
    """Why a question with personal data is not answered, and what to take out of it."""
    return translate(request, _MESSAGES["personal_data"]) + _kinds(request, error)


def _kinds(request: Request, error: PersonalData) -> str:
    return "、".join(translate(request, kind) for kind in error.kinds) + "。"


def _try_again(code: str) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, _: Exception) -> Response:
        return answer(request, 503, code, headers={"Retry-After": str(RETRY_SECONDS)})

    return handle


def answer(
    request: Request, status: int, code: str, detail: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """The error as JSON, or as a page where a browser asked for one."""
    message = (translate(request, _MESSAGES[code]) if _MESSAGES[code] else "") + detail
    if request.url.path.startswith("/v1/"):
        return openai_api.error_response(status, code, message, dict(headers or {}))
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api")
    if wants_page:
        page = error_page(request, status, message)
        page.headers.update(headers or {})
        return page
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=dict(headers or {}))


def _question_code(location: tuple[int | str, ...], kind: str) -> str:
    if location[-1:] != ("question",):
        return "invalid"
    return _QUESTION_CODES.get(kind, "invalid")


def _where(error: Mapping[str, object]) -> str:
    location = error["loc"]
    assert isinstance(location, tuple)
    if location[-1:] == ("question",):
        return ""
    return f"请检查 {'.'.join(map(str, location[1:])) or '请求正文'}。"
