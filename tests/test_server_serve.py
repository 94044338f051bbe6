"""`planqa serve` as people start it: a process of its own, on a port of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.model

START_SECONDS = 60
STOP_SECONDS = 10

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(real_data: Path, tmp_path: Path) -> Iterator[Start]:
    """Start a server over the built data; whatever still runs in the end is stopped."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PLANQA_DATA_DIR": str(real_data), "OMP_WAIT_POLICY": "passive"}
        command = [sys.executable, "-m", "planqa", "serve", *arguments]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _announced(process: subprocess.Popen[str]) -> str:
    """The first line the server prints, waited for no longer than a start may take."""
    watch = threading.Timer(START_SECONDS, process.kill)
    watch.start()
    try:
        assert process.stdout is not None
        return process.stdout.readline().strip()
    finally:
        watch.cancel()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_server_says_where_it_is_answers_and_stops_when_told(start: Start, stop: signal.Signals) -> None:
    port = _free_port()
    process = start("--port", str(port))
    line = _announced(process)
    assert re.fullmatch(rf"PlanQA is ready: http://127\.0\.0\.1:{port}", line)
    address = line.split()[-1]
    assert httpx.get(f"{address}/readyz").json()["status"] == "ready"
    assert "<h1>" in httpx.get(address).text
    given = httpx.post(f"{address}/api/chat", json={"question": "第五立面是什么？"}).json()
    assert "房顶" in given["answer"]
    assert "server" not in httpx.get(address).headers
    process.send_signal(stop)
    _, errors = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode in (0, 143, -signal.SIGTERM) if stop is signal.SIGTERM else (0, 130, -signal.SIGINT)
    assert "Traceback" not in errors


def test_a_taken_port_ends_with_one_clear_line(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start("--port", str(port))
        printed, errors = process.communicate(timeout=START_SECONDS)
    assert process.returncode not in (0, None)
    assert "ready" not in printed
    (line,) = errors.strip().splitlines()
    assert str(port) in line
    assert "in use" in line
