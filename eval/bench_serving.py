"""The server as a process of its own: how soon it is ready, what it sustains, what memory it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from socket import socket
from statistics import median
from time import perf_counter

from eval.bench_load import Load, run_load
from eval.bench_times import memory

READY = "PlanQA is ready"
CROWDS = (1, 8, 32)
PACE = 50.0
"""Questions a second that one process is to sustain."""
REPEATED = 20
"""Different questions among the repeated ones."""


class ServerFailed(RuntimeError):
    """The server did not start; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is ready, and how many seconds that took."""

    process: int
    port: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Serving:
    """How one process serves: seconds to ready, times and throughput, MiB of memory before and behind the crowds."""

    cold_start_s: float
    warm_start_s: float
    warm_starts_s: Sequence[float]
    look_up_s: float
    anew: Sequence[Load]
    paced: Load
    repeated: Load
    memory_at_start: Mapping[str, float]
    memory_at_end: Mapping[str, float]
    memory_of_two: Sequence[Mapping[str, float]]


def measure_serving(
    folder: Path, questions: Iterator[str], counts: Mapping[int, int], term: str, starts: int, done: Callable[[], None]
) -> Serving:
    """Start servers over the data folder `folder`, empty at first, and let crowds ask.

    :param questions: ever new ones, so that none is answered from memory.
    :param counts: how many questions each crowd asks, by its size.
    :param term: what is looked up with `planqa define`.
    :raises ServerFailed: a server does not come up.
    """
    with serving(folder) as server:
        cold = server.seconds
    done()
    warm = []
    for _ in range(starts):
        with serving(folder) as server:
            warm.append(server.seconds)
        done()
    with serving(folder) as server, serving(folder) as other:
        of_two = [memory(server.process), memory(other.process)]
    with serving(folder) as server:
        before = memory(server.process)
        run_load(server.port, 1, list(islice(questions, REPEATED)))
        anew = []
        for clients in CROWDS:
            anew.append(run_load(server.port, clients, list(islice(questions, counts[clients]))))
            done()
        paced = run_load(server.port, CROWDS[-1], list(islice(questions, counts[CROWDS[-1]])), PACE)
        done()
        known = list(islice(questions, REPEATED))
        run_load(server.port, 1, known)
        repeated = run_load(server.port, CROWDS[-1], known * (5 * counts[CROWDS[-1]] // REPEATED))
        done()
        after = memory(server.process)
    return Serving(
        cold_start_s=cold,
        warm_start_s=round(median(warm), 2),
        warm_starts_s=warm,
        look_up_s=_look_up(folder, term),
        anew=anew,
        paced=paced,
        repeated=repeated,
        memory_at_start=before,
        memory_at_end=after,
        memory_of_two=of_two,
    )


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server over a data folder, with the settings it has where none are made but for the rate limit.

    :raises ServerFailed: it does not come up.
    """
    port = _free_port()
    command = [sys.executable, "-m", "planqa", "serve", "--port", str(port)]
    begun = perf_counter()
    with (
        (folder.parent / "server.log").open("w+", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=folder.parent, env=_environment(folder), stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            if not any(READY in line for line in process.stdout):
                log.seek(0)
                raise ServerFailed(f"`planqa serve` ended with {process.wait()}: {log.read()[-500:]}")
            yield Server(process.pid, port, round(perf_counter() - begun, 2))
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


def _look_up(folder: Path, term: str) -> float:
    """Seconds for `planqa define`, the best of three."""
    seconds = []
    for _ in range(3):
        begun = perf_counter()
        command = [sys.executable, "-m", "planqa", "define", term]
        subprocess.run(command, cwd=folder.parent, env=_environment(folder), stdout=subprocess.DEVNULL, check=True)
        seconds.append(perf_counter() - begun)
    return round(min(seconds), 2)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLANQA_")}
    return {**kept, "PLANQA_DATA_DIR": str(folder), "PLANQA_RATE_LIMIT": "off"}


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
