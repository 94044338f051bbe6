"""The whole service under what people, programs and machines do to it; each test also has a long form, `make soak`."""

from __future__ import annotations

import importlib.util
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from ingest.model import Corpus
from server.answering.model import QUESTION_LIMIT, Answer
from server.answering.pipeline import Knowledge, answer
from server.app import create_app
from server.service import Service
from server.settings import Settings
from server.storage import Store

pytestmark = pytest.mark.soak
ROOT = Path(__file__).parents[1]
TOKEN = "a-token-of-more-than-24-characters"
SLOWEST_SECONDS = 20
"""Far over what an answer takes, also on a busy machine; a hang is longer."""


@pytest.fixture(scope="module")
def application(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The application with everything in it."""
    folder = tmp_path_factory.mktemp("soak")
    store = Store(f"sqlite:///{folder / 'planqa.sqlite'}")
    settings_ = Settings(rate_limit="off", data_dir=folder, admin_token=TOKEN)  # type: ignore[arg-type]
    yield create_app(Service(lambda: knowledge, memory=store), settings_, store)
    store.close()


@pytest.fixture(scope="module")
def client(application: FastAPI) -> Iterator[TestClient]:
    """A client of the application that does not hide errors."""
    with TestClient(application, raise_server_exceptions=False) as client:
        yield client


def test_whatever_fits_or_does_not_fit_the_api_gets_no_5xx(
    client: TestClient, application: FastAPI, is_long: bool, figure: Callable[[str], None]
) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", application)
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @settings(
                max_examples=400 if is_long else 25, deadline=None, derandomize=True, database=None,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=operation.as_strategy(generation_mode=mode))
            def call(case: schemathesis.Case) -> None:
                response = case.call(session=client)
                statuses[response.status_code] += 1
                assert response.status_code < 500, (case.as_curl_command(), response.text)

            with suppress(Unsatisfiable):  # nothing can be wrong with what takes nothing
                call()
    figure(f"{statuses.total()} generated requests, statuses {dict(sorted(statuses.items()))}, no 5xx")


def _questions(corpus: Corpus, chance: random.Random) -> Iterator[str]:
    """Pieces of the report and of questions, put together and damaged in every way."""
    text = corpus.report.text
    names = [*(t.name for t in corpus.terms), *(i.name for i in corpus.indicators), *(s.title for s in corpus.sections)]
    words = [
        "是什么",
        "多少",
        "为什么",
        "和",
        "2024年",
        "去年",
        "不是",
        "比",
        "前三",
        "总共",
        "？",
        "　",
        "\u200b",
        "\u202e",
        "ＡＢＣ",
        "①",
        "0",
        "-",
        "%",
    ]
    odd = [
        "\x00",
        "😀",
        "\U000e0041",
        "﷽",
        "ﬀ",
        "'",
        "<b>",
        "{{",
        "${",
        "[1]",
        "((((",
        "\\",
        "\ud83d"[:0],
        "١٢",
        "½",
        "²",
    ]
    makers: list[Callable[[], str]] = [
        lambda: chance.choice(names),
        lambda: chance.choice(words),
        lambda: chance.choice(odd),
        lambda: text[(at := chance.randrange(len(text))) : at + chance.randrange(1, 30)],
        lambda: str(chance.choice([chance.randrange(10**9), chance.random(), -chance.randrange(99), 1e308])),
        lambda: "".join(chr(chance.choice([*range(32, 0xD800, 997), *range(0x4E00, 0x9FFF, 211)])) for _ in range(3)),
    ]
    while True:
        made = "".join(chance.choice(makers)() for _ in range(chance.randrange(1, 8)))
        if chance.random() < 0.2:
            made = "".join(chance.sample(made, len(made)))
        if chance.random() < 0.05:
            made *= 40
        yield made[:QUESTION_LIMIT]


def test_fuzzed_questions_get_an_answer_without_5xx_or_hang(
    client: TestClient, corpus: Corpus, is_long: bool, figure: Callable[[str], None]
) -> None:
    count = 20_000 if is_long else 250
    statuses: Counter[int] = Counter()
    took: list[float] = []
    questions = _questions(corpus, random.Random(20240102))
    for _ in range(count):
        question = next(questions)
        begun = time.perf_counter()
        response = client.post("/api/chat", json={"question": question})
        took.append(time.perf_counter() - begun)
        statuses[response.status_code] += 1
        assert response.status_code in (200, 422), (question, response.text)
        assert took[-1] < SLOWEST_SECONDS, question
        if response.status_code == 200:
            _check(Answer.model_validate_json(response.text), corpus)
    figure(
        f"{count} questions, statuses {dict(statuses)}, median {statistics.median(took) * 1000:.0f} ms, "
        f"slowest {max(took) * 1000:.0f} ms"
    )


def _check(given_answer: Answer, corpus: Corpus) -> None:
    """Every citation is verbatim, and every sentence that claims something has one."""
    for citation in given_answer.citations:
        assert corpus.report.text[citation.start : citation.end] == citation.quote
    markers = {citation.marker for citation in given_answer.citations}
    for sentence in given_answer.sentences:
        assert set(sentence.markers) <= markers
        assert sentence.markers or sentence.origin == "composed"


def test_any_text_as_a_question_gets_an_answer(
    knowledge: Knowledge, is_long: bool, figure: Callable[[str], None]
) -> None:
    asked = 0

    @settings(
        max_examples=5_000 if is_long else 100, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.text(min_size=1, max_size=QUESTION_LIMIT))
    def ask(question: str) -> None:
        nonlocal asked
        asked += 1
        _check(answer(knowledge, question), knowledge.snapshot.default)

    ask()
    figure(f"{asked} questions of any characters")


@pytest.mark.parametrize("target", ["txt", "docx", "pdf", "html", "md", "verify", "support", "reply"])
def test_atheris_finds_nothing(target: str, is_long: bool, tmp_path: Path, figure: Callable[[str], None]) -> None:
    if not is_long or importlib.util.find_spec("atheris") is None:
        pytest.skip("coverage-guided fuzzing takes longer; `make soak` installs atheris and runs it")
    seconds = 90
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, seed in enumerate([b"", b"PK\x03\x04", b"%PDF-1.4\n", b"<table><tr><td>1", "| 甲 |\n|-|\n".encode()]):
        (seeds / str(number)).write_bytes(seed)
    command = [sys.executable, str(ROOT / "tests" / "fuzz.py"), target, f"-max_total_time={seconds}"]
    limits = ["-timeout=30", "-rss_limit_mb=4096", "-verbosity=0", "-print_final_stats=1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, *limits, str(seeds)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds + 300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    runs = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
    figure(f"{runs[1] if runs else '?'} inputs in {seconds} s, no finding")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _malloc_of_unit() -> dict[str, str]:
    """What the systemd unit tells the C library about memory."""
    unit = (ROOT / "deploy" / "planqa.service").read_text(encoding="utf-8")
    found = dict(re.findall(r"\b(MALLOC_\w+)=(\S+)", unit))
    assert found
    return found


@pytest.fixture
def server(real_data: Path, tmp_path: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The service as people start it, with the real model, in a process of its own."""
    port = _free_port()
    environment = {
        **_malloc_of_unit(), **os.environ, "PLANQA_DATA_DIR": str(real_data), "PLANQA_RATE_LIMIT": "off",
        "PLANQA_DATABASE_URL": f"sqlite:///{tmp_path / 'planqa.sqlite'}", "PLANQA_TRUSTED_PROXIES": "127.0.0.1",
        "OMP_WAIT_POLICY": "passive",
    }  # fmt: skip
    command = [sys.executable, "-m", "planqa", "serve", "--port", str(port)]
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, cwd=tmp_path)
    assert process.stdout is not None
    assert "ready" in process.stdout.readline()
    yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
    log.close()


@pytest.mark.model
def test_fifty_clients_are_answered_and_memory_stays_flat(
    server: tuple[str, psutil.Process], corpus: Corpus, is_long: bool, figure: Callable[[str], None]
) -> None:
    address, process = server
    seconds = 600 if is_long else 12
    done = threading.Event()
    statuses: Counter[int] = Counter()
    took: list[float] = []

    def ask(number: int) -> None:
        questions = _questions(corpus, random.Random(number))
        fixed = ["登记失业率的计划是多少？", "第五立面是什么意思？", "约束性指标有哪些？"]
        with httpx.Client(timeout=60, headers={"x-forwarded-for": f"192.0.2.{number}"}) as http:
            while not done.is_set():
                question = next(questions) if len(took) % 3 == 0 else fixed[len(took) % len(fixed)]
                begun = time.perf_counter()
                statuses[http.post(f"{address}/api/chat", json={"question": question}).status_code] += 1
                took.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, 51)]
    for thread in threads:
        thread.start()
    memory: list[float] = []
    files = 0.0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(1, seconds / 60))
        held = process.memory_info()
        memory.append(held.rss / 2**20)
        files = held.shared / 2**20
    done.set()
    for thread in threads:
        thread.join(timeout=90)
    third = len(memory) // 3
    middle, end = statistics.median(memory[third : 2 * third]), statistics.median(memory[2 * third :])
    assert set(statuses) <= {200, 422}, statuses
    if is_long:
        assert end < middle * 1.02, memory
    took.sort()
    figure(
        f"50 clients for {seconds} s: {statuses.total()} answers, statuses {dict(statuses)}, median "
        f"{took[len(took) // 2] * 1000:.0f} ms, p95 {took[len(took) * 95 // 100] * 1000:.0f} ms, resident memory "
        f"{statistics.median(memory[:third]):.0f} MB in the first third, {middle:.0f} MB in the middle, {end:.0f} MB in "
        f"the last, {max(memory):.0f} MB at most; {files:.0f} MB of it files"
    )


@pytest.mark.model
def test_the_server_killed_under_load_has_kept_what_it_answered(
    server: tuple[str, psutil.Process], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    address, process = server
    kept: list[str] = []
    chance = random.Random(3)

    def ask() -> None:
        with httpx.Client(timeout=30) as http:
            while True:
                try:
                    response = http.post(f"{address}/api/chat", json={"question": "登记失业率的计划是多少？"})
                except httpx.HTTPError:
                    return
                kept.append(response.json()["id"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(chance.uniform(1, 3))
    process.kill()
    for thread in threads:
        thread.join(timeout=40)
    store = Store(f"sqlite:///{tmp_path / 'planqa.sqlite'}")
    missing = [answer_id for answer_id in kept if store.load_answer(answer_id) is None]
    store.close()
    assert kept
    assert missing == []
    figure(f"{len(kept)} answers given before kill -9, 0 lost")


@pytest.mark.model
def test_a_server_told_to_stop_finishes_what_it_began(server: tuple[str, psutil.Process]) -> None:
    address, process = server
    statuses: list[int] = []

    def ask() -> None:
        with suppress(httpx.ConnectError):  # came too late, and was not let in
            given = httpx.post(f"{address}/api/chat", json={"question": "约束性指标有哪些？"}, timeout=30)
            statuses.append(given.status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    process.terminate()
    for thread in threads:
        thread.join(timeout=40)
    process.wait(timeout=30)
    assert set(statuses) == {200}
