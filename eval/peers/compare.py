"""`make peers`: install every peer in an environment of its own, run them one after another, and compare.

The environments see the product's own packages behind theirs, so that torch and the embedder are the same ones.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.peers.shared import ROOT, ROUNDS, K

ENVIRONMENTS = ROOT / "data" / "peers"
PEERS = {
    "langchain": ("langchain-core>=1,<2", "langchain-community>=0.4,<0.5"),
    "llama_index": ("llama-index-core>=0.14,<0.15",),
    "txtai": ("txtai>=9,<10",),
    "haystack": ("haystack-ai>=3.4,<4",),
}


def main() -> int:
    """Compare: 0, or 1 where a peer cannot be installed or fails (the others are shown all the same)."""
    console = Console()
    results, failed = _run("planqa", Path(sys.executable)), []
    for name, packages in PEERS.items():
        try:
            results += _run(name, _environment(name, packages))
        except subprocess.CalledProcessError as error:
            failed.append(name)
            console.print(f"{name}: {(error.stderr or str(error))[-500:]}", markup=False)
    results.sort(key=lambda result: result["beyond"]["p50"])
    console.print(_table(results))
    out = ENVIRONMENTS / "peers.json"
    out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    console.print(f"written to {out.relative_to(ROOT)}", markup=False)
    return 1 if failed else 0


def _environment(name: str, packages: tuple[str, ...]) -> Path:
    """The Python of a peer's environment, made where it is missing."""
    folder = ENVIRONMENTS / name
    python, stamp = folder / "bin" / "python", folder / ".installed"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != "\n".join(packages):
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        own = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
        (Path(own) / "product.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run(install, check=True, stdout=sys.stderr)
        stamp.write_text("\n".join(packages), encoding="utf-8")
    return python


def _run(name: str, python: Path) -> list[dict[str, Any]]:
    """What one peer measured."""
    command = [str(python), "-m", f"eval.peers.{name}"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _table(results: list[dict[str, Any]]) -> Table:
    title = f"Retrieval of {K} of {results[0]['rows']} rows, best of {ROUNDS} rounds a question; milliseconds"
    columns = ("", "beyond embedding p50", "p95", "embedding p50", "whole ÷ embedding p50", "version")
    table = Table(*columns, title=title, title_justify="left")
    for result in results:
        beyond, embedding, whole = result["beyond"], result["embedding"], result["whole"]
        times = f"{whole['p50'] / embedding['p50']:.3f}"
        table.add_row(
            result["name"], str(beyond["p50"]), str(beyond["p95"]), str(embedding["p50"]), times, result["versions"]
        )
    return table


if __name__ == "__main__":
    raise SystemExit(main())
