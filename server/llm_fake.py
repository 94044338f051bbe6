"""A scripted OpenAI-compatible server on loopback for tests and demonstrations: it says what it is told, or fails as told."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

Fault = Literal[
    "",
    "unauthorised",
    "rate_limited",
    "server_error",
    "silent",
    "no_first_token",
    "stall",
    "drip",
    "dropped",
    "empty",
    "no_choices",
    "malformed",
    "not_json",
    "web_page",
    "endless",
    "endless_thinking",
]
FAULTS: tuple[Fault, ...] = Fault.__args__[1:]  # type: ignore[attr-defined]
_STATUS = {"unauthorised": 401, "rate_limited": 429, "server_error": 500}
_MID_STREAM = ("stall", "drip", "dropped", "malformed", "not_json")
_SPOILT: dict[str, bytes] = {
    "malformed": b'data: {"choices": [{"delta": {"content": 7}}, \n\n',
    "not_json": b"data: oops\n\n",
    "no_choices": b'data: {"id": "x", "choices": null}\n\n',
}
_PIECE = 4
"""Characters in one piece of a reply."""


@dataclass(slots=True)
class Script:
    """What the server does with a request; `reply` may be worked out from the messages.

    `thinking` is sent in the field that reasoning models use, before the reply; `fault` comes after half of the reply
    where it is one of the middle of a stream; `faults`, where there are any, come in turn, one a request.
    """

    reply: str | Callable[[Sequence[dict[str, str]]], str] = "资料中没有。"
    fault: Fault = ""
    faults: Iterator[Fault] | None = None
    thinking: str = ""
    retry_after: int = 7


@dataclass
class FakeLlm:
    """The server, running while it is entered; `requests` are the bodies it was sent, `left` that a client went away."""

    script: Script = field(default_factory=Script)
    requests: list[dict[str, Any]] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    met: Counter[Fault] = field(default_factory=Counter)
    """How often each of the faults that come in turn has come."""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        fake = self
        self._closing = threading.Event()

        class Handler(_Handler):
            owner: FakeLlm = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        """Where it is, as a client's base URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def next_script(self) -> Script:
        """What is done with the next request."""
        script = self.script
        if script.faults is None:
            return script
        with self._turn:
            fault = next(script.faults)
        self.met[fault] += 1
        return replace(script, fault=fault)

    def wait(self) -> None:
        """Do nothing until the server is closed, at most a minute."""
        self._closing.wait(60)


class _Handler(BaseHTTPRequestHandler):
    owner: FakeLlm

    def do_POST(self) -> None:
        """Answer a chat completion as the script says."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.owner.requests.append(body)
        try:
            self._answer(self.owner.next_script(), body)
        except OSError:
            self.owner.left.set()

    def _answer(self, script: Script, body: dict[str, Any]) -> None:
        fault = script.fault
        if fault == "silent":
            return self.owner.wait()
        if fault in _STATUS:
            return self._send(_STATUS[fault], "application/json", b'{"error": {"message": "no"}}', script.retry_after)
        if fault == "web_page":
            return self._send(200, "text/html", "<html>登录</html>".encode())
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if fault == "no_first_token":
            return self.owner.wait()
        for line in self._lines(
            script, script.reply if isinstance(script.reply, str) else script.reply(body["messages"])
        ):
            self.wfile.write(line)
            self.wfile.flush()
        if fault == "stall":
            return self.owner.wait()
        if fault == "drip":
            return self._drip()
        if fault == "dropped":
            self.connection.shutdown(socket.SHUT_RDWR)

    def _lines(self, script: Script, reply: str) -> Iterator[bytes]:
        while script.fault == "endless_thinking":
            yield _chunk({"reasoning_content": "想" * 50})
            time.sleep(0.01)
        yield from (_chunk({"reasoning_content": piece}) for piece in _pieces(script.thinking))
        if script.fault in _MID_STREAM:
            reply = reply[: len(reply) // 2]
        if script.fault != "empty":
            yield from (_chunk({"content": piece}) for piece in _pieces(reply))
        while script.fault == "endless":
            yield _chunk({"content": reply or "啊"})
        if script.fault in _SPOILT:
            yield _SPOILT[script.fault]
        if script.fault in ("", "empty"):
            cost = {"prompt_tokens": 9, "completion_tokens": len(reply), "total_tokens": 9 + len(reply)}
            yield _chunk({}, finish="stop", usage=cost)
            yield b"data: [DONE]\n\n"

    def _drip(self) -> None:
        """A byte at a time, never a whole line."""
        for _ in range(2_000):
            self.wfile.write(b":")
            self.wfile.flush()
            time.sleep(0.03)

    def _send(self, status: int, kind: str, body: bytes, retry_after: int = 0) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        if status == 429:
            self.send_header("retry-after", str(retry_after))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _pieces(text: str) -> Iterator[str]:
    return (text[i : i + _PIECE] for i in range(0, len(text), _PIECE))


def _chunk(delta: dict[str, str], finish: str | None = None, usage: dict[str, int] | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    whole = {"id": "fake", "object": "chat.completion.chunk", "created": 0, "model": "fake", "choices": [choice]}
    return f"data: {json.dumps(whole | ({'usage': usage} if usage else {}), ensure_ascii=False)}\n\n".encode()
