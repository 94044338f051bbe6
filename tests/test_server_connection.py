"""Clients that send slowly, or too much, on a real socket."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from serving import serving

from server import connection, limits
from server.answering.pipeline import Knowledge
from server.app import create_app
from server.connection import HEADER_LIMIT, PatientProtocol
from server.service import Service
from server.settings import Settings

GET = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture
def address(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """Where a server with short time-outs listens."""
    monkeypatch.setattr(connection, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)
    app = create_app(Service(lambda: knowledge), Settings(rate_limit="off"))
    with serving(app, http=PatientProtocol, h11_max_incomplete_event_size=HEADER_LIMIT, ws="none") as root:
        host, _, port = root.removeprefix("http://").partition(":")
        yield host, int(port)


def _rest(client: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    client.settimeout(5)
    received = b""
    while piece := client.recv(65536):
        received += piece
    return received


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: here\r\nX: "])
def test_a_request_whose_headers_do_not_come_is_given_up(sent: bytes, address: tuple[str, int]) -> None:
    with socket.create_connection(address) as client:
        client.sendall(sent)
        assert _rest(client) == b""


def test_headers_that_drip_in_are_given_up(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as client:
        sent = 0
        with suppress(OSError):
            for byte in GET.replace(b"\r\n\r\n", b"\r\nX-Slow: ") + b"a" * 1000:
                client.sendall(bytes([byte]))
                sent += 1
                time.sleep(0.02)
        assert sent < 200


def test_a_connection_is_used_again_and_a_second_request_may_not_drip_either(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as client:
        for _ in range(3):
            client.sendall(GET)
            received = b""
            while not received.endswith(b"}"):
                received += client.recv(65536)
            assert received.startswith(b"HTTP/1.1 200")
            time.sleep(0.1)
        client.sendall(GET[:10])
        assert _rest(client) == b""


def test_a_body_that_does_not_come_gets_408(address: tuple[str, int]) -> None:
    head = b"POST /api/chat HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection(address) as client:
        client.sendall(head)
        answer = _rest(client)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in answer


def test_a_body_that_is_longer_than_allowed_and_was_not_announced_gets_413(address: tuple[str, int]) -> None:
    head = (
        b"POST /api/chat HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(address) as client:
        with suppress(OSError):
            client.sendall(head + (b"10000\r\n" + b" " * 0x10000 + b"\r\n") * 9)
        assert _rest(client).startswith(b"HTTP/1.1 413")


def test_headers_that_are_too_long_are_refused(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nX: " + b"a" * (HEADER_LIMIT * 4))
        assert _rest(client).startswith(b"HTTP/1.1 4")
