"""Four servers behind nginx as `deploy/nginx-many.conf` sets it up: one is killed and one added under load."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from index.embedder import HashEmbedder
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file
from server.storage import Store

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()), reason="needs nginx"),
]
ROOT = Path(__file__).parents[1]
CLIENTS = 16
QUESTIONS = ["登记失业率的计划是多少？", "第五立面是什么意思？", "约束性指标有哪些？", "老旧小区改造了多少个？"]
START_SECONDS = 300
"""What servers with the real model may take to start on a busy machine."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Fleet:
    """Servers that share a snapshot and a database, behind one nginx."""

    def __init__(self, folder: Path, data: Path, with_model: bool) -> None:
        self.folder, self.data, self.with_model = folder, data, with_model
        self.database = f"sqlite:///{folder / 'planqa.sqlite'}"
        self.port = _free_port()
        self.servers: dict[int, subprocess.Popen[bytes]] = {}
        self._nginx: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def add(self) -> int:
        port = _free_port()
        command = [sys.executable, str(ROOT / "tests" / "served.py"), str(self.data), self.database, str(port)]
        if self.with_model:
            command = [sys.executable, "-m", "planqa", "serve", "--port", str(port)]
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "PLANQA_DATA_DIR": str(self.data), "PLANQA_RATE_LIMIT": "off",
            "PLANQA_DATABASE_URL": self.database, "PLANQA_TRUSTED_PROXIES": "127.0.0.1",
        }  # fmt: skip
        with (self.folder / f"{port}.log").open("wb") as log:
            self.servers[port] = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self.folder)
        return port

    def wait_for(self, ports: list[int]) -> None:
        until = time.monotonic() + START_SECONDS
        for port in ports:
            while time.monotonic() < until:
                with suppress(httpx.HTTPError):
                    if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                        break
                assert self.servers[port].poll() is None, (self.folder / f"{port}.log").read_text()
                time.sleep(0.2)

    def balance(self, ports: list[int]) -> None:
        """Let nginx share the questions among these servers; requests in progress are finished as they began."""
        lines = (f"server 127.0.0.1:{port} max_fails=1 fail_timeout=5s;" for port in ports)
        (self.folder / "servers.conf").write_text("\n".join(lines), encoding="utf-8")
        if self._nginx is None:
            self._nginx = subprocess.Popen([*self._command(), "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        else:
            subprocess.run([*self._command(), "-s", "reload"], check=True, capture_output=True)

    def stop(self) -> None:
        if self._nginx:
            self._nginx.send_signal(signal.SIGTERM)
            self._nginx.wait(timeout=30)
        for process in self.servers.values():
            process.kill()
            process.wait()

    def _command(self) -> list[str]:
        site = (ROOT / "deploy" / "nginx-many.conf").read_text(encoding="utf-8")
        site = re.sub(r"^ *ssl_.*\n", "", site, flags=re.MULTILINE).replace("listen 443 ssl;", f"listen {self.port};")
        site = site.replace("/etc/nginx/planqa-servers.conf", str(self.folder / "servers.conf"))
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"worker_processes 1;\npid {self.folder}/nginx.pid;\nerror_log {self.folder}/nginx.log;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}\n}}\n",
            encoding="utf-8",
        )
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        return [nginx, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]


@pytest.fixture
def fleet(tmp_path: Path, is_long: bool, request: pytest.FixtureRequest, report_path: Path) -> Iterator[Fleet]:
    """In the long form with the real model and the command people use."""
    if is_long:
        data: Path = request.getfixturevalue("real_data")
    else:
        data = tmp_path / "data"
        embedder = HashEmbedder()
        SnapshotStore(data).build([ingest_file(report_path)], {}, embedder)
    made = Fleet(tmp_path, data, with_model=is_long)
    yield made
    made.stop()


def test_a_server_killed_and_one_added_under_load_fail_no_request(
    fleet: Fleet, is_long: bool, figure: Callable[[str], None]
) -> None:
    first = [fleet.add() for _ in range(4)]
    fleet.wait_for(first)
    fleet.balance(first)
    done = threading.Event()
    outcomes: Counter[str] = Counter()
    kept: list[str] = []
    again: list[int] = []

    def post(http: httpx.Client, number: int, question: dict[str, str]) -> httpx.Response:
        """As a browser does: where nginx closes a kept connection as it takes up the new list, once more on another."""
        try:
            return http.post(f"{fleet.address}/api/chat", json=question)
        except httpx.RemoteProtocolError:
            again.append(number)
            return http.post(f"{fleet.address}/api/chat", json=question)

    def ask(number: int) -> None:
        with httpx.Client(timeout=60) as http:
            while not done.is_set():
                question = {"question": QUESTIONS[(number + outcomes.total()) % len(QUESTIONS)]}
                try:
                    given = post(http, number, question)
                    outcomes[str(given.status_code)] += 1
                    if given.status_code == 200:
                        kept.append(given.json()["id"])
                except httpx.HTTPError as error:
                    outcomes[type(error).__name__] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    pause = 60 if is_long else 3
    time.sleep(pause)
    killed = first[0]
    fleet.servers[killed].kill()
    time.sleep(pause)
    added = fleet.add()
    fleet.wait_for([added])
    fleet.balance([*first[1:], added])
    time.sleep(pause)
    done.set()
    for thread in threads:
        thread.join(timeout=90)
    seconds = time.monotonic() - begun

    counts = {port: _answered(port) for port in (*first[1:], added)}
    store = Store(fleet.database)
    lost = [answer_id for answer_id in kept if store.load_answer(answer_id) is None]
    store.close()
    figure(
        f"{CLIENTS} clients for {seconds:.0f} s: {dict(outcomes)}, {outcomes.total() / seconds:.0f} answers a second, "
        f"{len(again)} asked again, {len(lost)} answers lost; the server added gave {counts[added]:.0f}"
    )
    assert set(outcomes) == {"200"}, outcomes
    assert len(again) == len(set(again)), again
    assert lost == []
    assert all(counts.values()), counts


def _answered(port: int) -> float:
    """How many answers a server has given, by its own count."""
    said = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in said.splitlines() if line.startswith("planqa_answers_total"))
