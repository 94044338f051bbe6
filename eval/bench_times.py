"""Durations → the few figures that are reported of them, and the machine they were measured on."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

LIBRARIES = ("torch", "faiss-cpu", "numpy", "sentence-transformers", "uvicorn")


@dataclass(frozen=True, slots=True)
class Times:
    """Percentiles of durations in milliseconds."""

    n: int
    p50: float
    p95: float
    p99: float
    mean: float

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Times:
        """:raises ValueError: there are none."""
        if not len(milliseconds):
            raise ValueError("no durations were measured")
        p50, p95, p99 = (round(float(p), 3) for p in np.percentile(milliseconds, (50, 95, 99)))
        return cls(len(milliseconds), p50, p95, p99, round(float(np.mean(milliseconds)), 3))


def ratio(one: float, other: float) -> float:
    """`one` as a multiple of `other`, to two places."""
    return round(one / other, 2)


def machine() -> dict[str, object]:
    """What the figures depend on: processor, cores, memory, load at the moment, versions."""
    return {
        "processor": _field(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def memory(process: int) -> Mapping[str, float]:
    """MiB that a process holds: `rss` in all, `shared` with its share of what others map too, `own` of its own alone.

    Empty where the system does not say (it does on Linux).
    """
    path = Path(f"/proc/{process}/smaps_rollup")
    names = {"rss": "Rss", "shared": "Pss", "own": "Private_Dirty"}
    found = {name: _field(path, field) for name, field in names.items()}
    return {name: round(int(value.split()[0]) / 1024, 1) for name, value in found.items() if value}


def _field(path: Path, name: str) -> str:
    """The value of the first `name: value` line, '' where there is none."""
    with suppress(OSError):
        match = re.search(rf"^{re.escape(name)}\s*:\s*(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        return match[1] if match else ""
    return ""
