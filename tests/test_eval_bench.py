"""The benchmark: figures from known durations, crowds against a server whose times are known, tables and page."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from eval.bench import Bench, main
from eval.bench_answering import embedder_ceiling, measure_answering
from eval.bench_building import measure_building
from eval.bench_load import run_load
from eval.bench_page import page, tables
from eval.bench_serving import Serving
from eval.bench_times import Times, machine, memory, ratio
from eval.gold_set import load_gold
from index.embedder import HashEmbedder
from index.vectors import VectorIndex
from server.answering.pipeline import Knowledge

GOLD = Path(__file__).parents[1] / "eval" / "gold" / "dev.jsonl"


class _Slow(BaseHTTPRequestHandler):
    """Answers questions after 30 ms, those about trouble with 503, and anything else at once."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        self._say(200)

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["question"]
        self.asked.append((self.client_address[0], question))
        sleep(0.03)
        self._say(503 if "trouble" in question else 200)

    def _say(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the tests read the figures."""


@contextmanager
def _server() -> Iterator[tuple[int, list[tuple[str, str]]]]:
    asked: list[tuple[str, str]] = []
    handler = type("Handler", (_Slow,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1], asked
        finally:
            server.shutdown()
            thread.join(5)


def test_percentiles_of_known_durations() -> None:
    assert Times.of([*range(1, 102)]) == Times(101, 51.0, 96.0, 100.0, 51.0)
    assert Times.of([7.0]) == Times(1, 7.0, 7.0, 7.0, 7.0)
    with pytest.raises(ValueError, match="no durations"):
        Times.of([])
    assert ratio(5.0, 4.0) == 1.25


def test_a_crowd_asks_every_question_once_each_client_from_its_own_address() -> None:
    questions = [f"第{number}个问题" for number in range(11)] + ["trouble"]
    with _server() as (port, asked):
        load = run_load(port, 4, questions)
    assert sorted(question for _, question in asked) == sorted(questions)
    assert len({address for address, _ in asked}) == 4
    assert load.statuses == {"200": 11, "503": 1}
    assert load.times.n == 12
    assert load.times.p50 >= 30
    assert load.loop.n > 0


def test_a_paced_question_is_timed_from_when_it_was_due() -> None:
    with _server() as (port, _):
        load = run_load(port, 1, ["问"] * 10, pace=1000.0)
    assert load.times.p99 >= 9 * 30


def test_a_crowd_without_a_server_fails_and_does_not_hang() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ExceptionGroup, match="unhandled errors"):
            run_load(taken.getsockname()[1], 2, ["问"])


def test_questions_in_process_are_measured_against_the_floor(knowledge: Knowledge) -> None:
    embedder = HashEmbedder()
    texts = [entry.text for entry in knowledge.snapshot.search.entries]
    vectors = VectorIndex.build(np.array([one.vector for one in embedder.embed_documents(texts)]))
    rounds: list[None] = []
    answering = measure_answering(knowledge, embedder, vectors, load_gold(GOLD)[:6], 2, lambda: rounds.append(None))
    assert len(rounds) == 12
    assert answering.questions == answering.floor.n == answering.whole.n == 6
    assert answering.ratio_p50 == ratio(answering.whole.p50, answering.floor.p50)
    assert {"understand", "scope", "compose", "verify", "cite"} <= set(answering.stages)
    assert embedder_ceiling(embedder, texts, 0.05) > 0


def test_a_build_after_a_small_change_embeds_only_what_changed(tmp_path: Path, report_path: Path) -> None:
    building = measure_building(report_path.parent, tmp_path, HashEmbedder(), lambda: None)
    assert building.embedded["first"] == building.rows
    assert building.embedded["unchanged"] == building.embedded["rebuild"] == 0
    assert 1 <= building.embedded["one sentence changed"] <= 3
    assert set(building.stages_s) == {"parse", "embed", "vectors", "tokens", "lexical"}


def test_tables_and_page_show_the_figures(knowledge: Knowledge, tmp_path: Path, report_path: Path) -> None:
    embedder = HashEmbedder()
    vectors = VectorIndex.build(np.array([embedder.embed_query("甲乙").vector]))
    answering = measure_answering(knowledge, embedder, vectors, load_gold(GOLD)[:3], 1, lambda: None)
    with _server() as (port, _):
        load = run_load(port, 2, ["问", "答"])
    own = memory(0) or {"rss": 12.5}
    serving = Serving(9.87, 3.21, [3.21], 0.4, [load] * 3, load, load, own, own, [own, own])
    building = measure_building(report_path.parent, tmp_path, embedder, lambda: None)
    measured = asdict(Bench("2025-01-01T00:00:00+00:00", machine(), 0.5, True, answering, 88.8, serving, building))
    shown = page(measured)
    for figure in (answering.ratio_p50, 9.87, 3.21, 88.8, load.per_second, building.rows):
        assert str(figure) in shown
    assert "http" not in shown.replace("http://www.w3.org", "").lower().replace("over http", "")
    assert [table.row_count > 0 for table in tables(measured)] == [True] * 5


def test_a_wrong_argument_ends_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--loud"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("planqa bench: unrecognized arguments: --loud")
