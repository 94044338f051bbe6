"""The service: who is let in, who waits, and what becomes of those who leave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import anyio
import httpx
import pytest
from serving import serving

from index.pinyin import SoundReader
from server.answering.generate import Writer
from server.answering.model import Answer, Shown, Turn
from server.answering.pipeline import STEPS, Knowledge
from server.answering.questions import Rarity
from server.app import create_app
from server.service import IN_PROGRESS, PER_CLIENT, WAITING, WRITING, Asker, Busy, NotReady, Service
from server.settings import Settings

QUESTION = "计划表里约束性指标有哪些？"
CROWD = IN_PROGRESS + WAITING


class _Gate:
    """Knowledge in which no question comes past its first step before the gate is open."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._open = threading.Event()
        self._rarity = knowledge.rarity
        self.knowledge = replace(knowledge, rarity=cast(Rarity, self._weigh))

    def open(self) -> None:
        self._open.set()

    def _weigh(self, word: str) -> float:
        assert self._open.wait(timeout=20)
        return self._rarity(word)


@pytest.fixture
def gate(knowledge: Knowledge) -> Iterator[_Gate]:
    """A gate, opened at the latest when the test ends."""
    gate = _Gate(knowledge)
    yield gate
    gate.open()


@pytest.fixture
def address(gate: _Gate) -> Iterator[str]:
    """Where a real server answers from the gated knowledge."""
    app = create_app(Service(lambda: gate.knowledge), Settings(rate_limit="off"))
    with serving(app) as root:
        yield root.removeprefix("http://")
        gate.open()


def test_nothing_is_answered_before_the_start(knowledge: Knowledge) -> None:
    service = Service(lambda: knowledge)
    with pytest.raises(NotReady):
        _ = service.knowledge
    with pytest.raises(NotReady):
        anyio.run(service.answer, QUESTION, ())
    service.start()
    assert service.knowledge is knowledge
    assert list(service.corpora) == ["xicheng-2024"]


def test_a_start_that_fails_leaves_the_service_not_ready() -> None:
    def load() -> Knowledge:
        raise OSError("disk")

    service = Service(load)
    with pytest.raises(OSError, match="disk"):
        service.start()
    with pytest.raises(NotReady):
        _ = service.corpora


def test_the_stream_names_every_step_and_ends_with_the_answer(knowledge: Knowledge) -> None:
    service = Service(lambda: knowledge)
    service.start()

    async def collect() -> list[str | Answer]:
        return [item async for item in service.stream(QUESTION, ())]

    *names, last = anyio.run(collect)
    assert names == [name for name, _ in STEPS]
    assert isinstance(last, Answer)


def test_one_more_than_may_wait_is_turned_away_and_the_others_are_answered(gate: _Gate) -> None:
    service = Service(lambda: gate.knowledge)
    service.start()
    answers: list[Answer] = []

    async def ask() -> None:
        answers.append(await service.answer(QUESTION, ()))

    async def crowd() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(CROWD):
                group.start_soon(ask)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(Busy):
                await service.answer(QUESTION, ())
            with pytest.raises(Busy):
                await anext(service.stream(QUESTION, ()))
            gate.open()
        await ask()

    anyio.run(crowd)
    assert len(answers) == CROWD + 1
    assert len({answer.answer for answer in answers}) == 1


def test_where_a_model_writes_more_are_in_progress_at_once(gate: _Gate) -> None:
    service = Service(lambda: gate.knowledge, writer=cast(Writer, object()))
    service.start()

    async def crowd() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(WRITING + WAITING):
                group.start_soon(_asked, service)
            await anyio.wait_all_tasks_blocked()
            assert service.in_progress == WRITING
            with pytest.raises(Busy):
                await service.answer(QUESTION, ())
            group.cancel_scope.cancel()

    anyio.run(crowd)


async def _asked(service: Service) -> None:
    await service.answer(QUESTION, ())


def test_a_search_waits_its_turn_like_a_question(gate: _Gate) -> None:
    service = Service(lambda: gate.knowledge)
    service.start()

    async def crowd() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(CROWD):
                group.start_soon(_asked, service)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(Busy):
                await service.find("养老")
            gate.open()
        assert len((await service.find("养老", most=3)).evidence) <= 3

    anyio.run(crowd)


def test_when_too_many_wait_the_next_asker_is_told_to_come_back(gate: _Gate) -> None:
    service = Service(lambda: gate.knowledge)
    service.start()
    settings = Settings(rate_limit="off", trusted_proxies="127.0.0.1")
    transport = httpx.ASGITransport(create_app(service, settings))
    statuses: list[int] = []

    async def crowd() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:

            async def ask(number: int) -> None:
                headers = {"x-forwarded-for": f"192.0.2.{number}"}
                response = await client.post("/api/chat", json={"question": QUESTION}, headers=headers)
                statuses.append(response.status_code)

            async with anyio.create_task_group() as group:
                for number in range(CROWD):
                    group.start_soon(ask, number)
                await anyio.wait_all_tasks_blocked()
                refused = await client.post("/api/chat", json={"question": QUESTION})
                gate.open()
        return refused

    refused = anyio.run(crowd)
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert int(refused.headers["retry-after"]) > 0
    assert statuses == [200] * CROWD


def test_one_asker_with_a_crowd_keeps_nobody_else_out(gate: _Gate) -> None:
    service = Service(lambda: gate.knowledge)
    service.start()
    answered: list[str] = []

    async def ask(asker: Asker) -> None:
        await service.answer(QUESTION, (), asker)
        answered.append(asker.address)

    async def crowd() -> None:
        async with anyio.create_task_group() as group:
            for number in range(PER_CLIENT):
                group.start_soon(ask, Asker(address=f"2001:db8::{number + 1:x}"))
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(Busy):
                await service.answer(QUESTION, (), Asker(address="2001:db8::ffff"))
            group.start_soon(ask, Asker(address="2001:db8:1::1"))
            await anyio.wait_all_tasks_blocked()
            gate.open()
        await ask(Asker(address="2001:db8::ffff"))

    anyio.run(crowd)
    assert len(answered) == PER_CLIENT + 2
    assert "2001:db8:1::1" in answered


def test_while_all_hands_are_full_the_pages_and_the_health_are_there(gate: _Gate, address: str) -> None:
    body = {"question": QUESTION}
    askers = [
        threading.Thread(target=httpx.post, args=(f"http://{address}/api/chat",), kwargs={"json": body, "timeout": 30})
        for _ in range(IN_PROGRESS * 2)
    ]
    for asker in askers:
        asker.start()
    for path in ("/healthz", "/readyz", "/", "/glossary"):
        assert httpx.get(f"http://{address}{path}", timeout=5).status_code == 200
    gate.open()
    for asker in askers:
        asker.join(timeout=20)
        assert not asker.is_alive()


def test_askers_who_leave_amid_the_stream_do_no_harm(gate: _Gate, address: str) -> None:
    url = f"http://{address}/api/chat"
    for _ in range(IN_PROGRESS):
        with (
            httpx.Client(timeout=5) as client,
            client.stream("POST", url, json={"question": QUESTION}, headers={"accept": "text/event-stream"}) as events,
        ):
            assert next(events.iter_lines()) == "event: status"
    gate.open()
    answers = [httpx.post(url, json={"question": QUESTION}, timeout=20).json() for _ in range(3)]
    assert [answer["status"] for answer in answers] == ["answered"] * 3


def test_a_repeated_question_is_answered_without_working_it_out_again(knowledge: Knowledge) -> None:
    asked: list[str] = []

    class Counting(SoundReader):
        def __init__(self) -> None:
            pass

        def read(self, question: str) -> str:
            asked.append(question)
            return knowledge.sound.read(question)

    service = Service(lambda: replace(knowledge, sound=Counting()))
    service.start()

    async def ask() -> tuple[Answer, Answer, list[str | Shown | Answer], Answer]:
        first, again = await service.answer(QUESTION, ()), await service.answer(f" {QUESTION}\u200b", ())
        streamed = [item async for item in service.stream(QUESTION, ())]
        later = await service.answer(QUESTION, (Turn(role="user", content="你好"),))
        return first, again, streamed, later

    first, again, streamed, later = anyio.run(ask)
    assert len(asked) == 2
    assert len({first.id, again.id, later.id}) == 3
    same = first.model_dump(exclude={"id", "timings_ms"})
    assert again.model_dump(exclude={"id", "timings_ms"}) == same
    *names, last = streamed
    assert names == [name for name, _ in STEPS]
    assert isinstance(last, Answer)
    assert last.model_dump(exclude={"id", "timings_ms"}) == same
