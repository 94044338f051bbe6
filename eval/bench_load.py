"""Clients that ask over HTTP: each in a connection of its own, from an address of its own."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

from eval.bench_times import Times

TIMEOUT = 60.0
"""Seconds that a client waits for one response."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a crowd saw. `loop` are the times of a page that needs no work, asked for all the while.

    `paced` is how many questions a second were sent whatever came back, 0 where each client sent its next one as soon as
    it had its answer; the time of a paced question runs from when it was due.
    """

    clients: int
    paced: float
    seconds: float
    per_second: float
    statuses: dict[str, int]
    times: Times
    loop: Times


@dataclass(frozen=True, slots=True)
class _Address:
    host: str
    port: int


def run_load(port: int, clients: int, questions: Sequence[str], pace: float = 0.0) -> Load:
    """Have `clients` ask the server on this port all `questions`, together, at `pace` a second where one is given."""
    return asyncio.run(_crowd(_Address("127.0.0.1", port), clients, questions, pace))


async def _crowd(address: _Address, clients: int, questions: Sequence[str], pace: float) -> Load:
    todo = iter([_request(question) for question in questions])
    due = _due(pace)
    milliseconds: list[float] = []
    statuses: Counter[str] = Counter()
    probing = asyncio.create_task(_probe(address))
    begun = perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(clients):
            tasks.create_task(_client(address, number, todo, due, milliseconds, statuses))
    seconds = perf_counter() - begun
    probing.cancel()
    loop: list[float] = []
    with suppress(asyncio.CancelledError):
        loop = await probing
    return Load(
        clients=clients,
        paced=pace,
        seconds=round(seconds, 2),
        per_second=round(len(milliseconds) / seconds, 1),
        statuses=dict(statuses),
        times=Times.of(milliseconds),
        loop=Times.of(loop),
    )


def _due(pace: float) -> Iterator[float]:
    """When each question is to be sent; at once where there is no pace."""
    begun, count = perf_counter(), 0
    while True:
        yield begun + count / pace if pace else 0.0
        count += 1


async def _client(
    address: _Address,
    number: int,
    todo: Iterator[bytes],
    due: Iterator[float],
    milliseconds: list[float],
    statuses: Counter[str],
) -> None:
    """Ask one question after another until there are none left."""
    # The service lets in only so many at once from one address.
    own = (f"127.0.{1 + number // 250}.{1 + number % 250}", 0)
    reader, writer = await asyncio.open_connection(address.host, address.port, local_addr=own)
    for request in todo:
        at = next(due)
        await asyncio.sleep(max(0.0, at - perf_counter()))
        begun = at or perf_counter()
        statuses[await asyncio.wait_for(_exchange(reader, writer, request), TIMEOUT)] += 1
        milliseconds.append((perf_counter() - begun) * 1000)
    writer.close()
    await writer.wait_closed()


async def _probe(address: _Address) -> list[float]:
    """The times of a page that needs no work, until this is cancelled."""
    milliseconds: list[float] = []
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        while True:
            begun = perf_counter()
            await _exchange(reader, writer, b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n")
            milliseconds.append((perf_counter() - begun) * 1000)
            await asyncio.sleep(0.02)
    except asyncio.CancelledError:
        writer.close()
        return milliseconds


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> str:
    """Send a request, read the whole response, return its status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status, *headers = head.decode("latin-1").split("\r\n")
    lengths = [line.split(":")[1] for line in headers if line.lower().startswith("content-length:")]
    await reader.readexactly(int(lengths[0]))
    return status.split()[1]


def _request(question: str) -> bytes:
    body = json.dumps({"question": question}, ensure_ascii=False).encode()
    head = (
        "POST /api/chat HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
