"""Structured logs with request ids, without what people asked, without addresses, without secrets."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from secrets import token_hex
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUESTS = logging.getLogger("planqa.requests")
_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
Observe = Callable[[str, str, int, float], None]
"""Called with method, route, status and seconds of every request."""


def install(secrets: Sequence[str], level: int = logging.INFO) -> None:
    """Send every log line to the error stream: JSON, or plain words where that is a terminal."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(secrets, is_json=not sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("planqa", "server", "index", "ingest"):
        logging.getLogger(name).setLevel(level)
    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG


class Formatter(logging.Formatter):
    """A record as one line; secrets are blanked wherever they stand, in tracebacks too."""

    def __init__(self, secrets: Sequence[str], is_json: bool = True) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]
        self._is_json = is_json

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if request := _REQUEST_ID.get():
            said["request"] = request
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        line = json.dumps(said, ensure_ascii=False) if self._is_json else _plain(said)
        for secret in self._secrets:
            line = line.replace(secret, "***").replace(json.dumps(secret)[1:-1], "***")
        return line


def _plain(said: dict[str, str]) -> str:
    rest = {
        name: value for name, value in said.items() if name not in ("time", "level", "logger", "message", "traceback")
    }
    words = [said["time"][11:19], said["level"], said["message"], *(f"{name}={value}" for name, value in rest.items())]
    return " ".join(map(str, words)) + ("\n" + said["traceback"] if "traceback" in said else "")


class RequestLog:
    """ASGI middleware: gives every request an id, notes how it ended, and adds the headers that its handler left.

    A request's id is the one a proxy gave it, where that is one, and goes back in X-Request-ID.
    """

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _GIVEN_ID.fullmatch(given) else token_hex(8)
        _REQUEST_ID.set(request_id)
        state = scope.setdefault("state", {})
        begun, status = perf_counter(), 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in state.get("headers", {}).items():
                    headers[name] = value
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            seconds = perf_counter() - begun
            # The route, not the path: a path or a query can hold what somebody typed.
            route = getattr(scope.get("route"), "path", "other")
            self._observe(scope["method"], route, status, seconds)
            fields = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
            _REQUESTS.info("request", extra={"fields": fields})
