"""The folders import one way, no file grows too long, and no product file is written for one report."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingest
from ingest.model import Corpus

ROOT = Path(ingest.__file__).parent.parent
STAGES = ("ingest", "index", "prompts", "server", "eval")
DATA_FOLDERS = (ROOT / "ingest" / "reports", ROOT / "eval" / "gold")
SUFFIXES = {".py", ".j2", ".txt", ".html", ".js"}
LONGEST = 400

NATIONWIDE = {
    "全员劳动生产率": "a measure of the national statistics, in the lexicon of everyday words",
    "登记失业率": "a measure of the labour statistics of every place, in the lexicon of everyday words",
}
"""Indicator names of the shipped report that every such report uses, and why a product file may hold them."""


def _files() -> Iterator[Path]:
    for stage in STAGES:
        for path in sorted((ROOT / stage).rglob("*")):
            if path.suffix in SUFFIXES and not any(path.is_relative_to(folder) for folder in DATA_FOLDERS):
                yield path
    yield ROOT / "planqa.py"


def test_the_folders_import_only_what_stands_to_their_left(tmp_path: Path) -> None:
    check = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(config_filename=sys.argv[1], no_cache=True))"
    command = [sys.executable, "-c", check, str(ROOT / "pyproject.toml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout
    assert not list(tmp_path.iterdir())


def test_no_python_file_is_longer_than_a_reader_can_hold() -> None:
    files = [path for path in (*_files(), *(ROOT / "tests").glob("*.py")) if path.suffix == ".py"]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert "ingest/model.py" in lengths


def test_no_product_file_names_what_only_the_shipped_report_names(corpus: Corpus) -> None:
    names = {corpus.report.place}
    names |= {name for term in corpus.terms for name in (term.name, *term.aliases) if len(name) >= 4}
    names |= {indicator.name for indicator in corpus.indicators}
    names -= set(NATIONWIDE)
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in _files()
        for name in sorted(names)
        if name in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_every_exempt_name_is_an_indicator_of_the_report_and_in_the_lexicon(corpus: Corpus) -> None:
    lexicon = (ROOT / "index" / "synonyms.txt").read_text(encoding="utf-8").split()
    assert set(NATIONWIDE) <= {indicator.name for indicator in corpus.indicators} & set(lexicon)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_a_package_that_says_what_it_does(stage: str) -> None:
    assert (ROOT / stage / "__init__.py").read_text(encoding="utf-8").startswith('"""')
