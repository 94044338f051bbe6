"""`planqa eval` from its arguments to its files and exit code, with the fake embedder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval import cli
from eval.cli import main
from index.embedder import HashEmbedder
from server.answering import pipeline
from tests.test_eval_gold import DEV, GOLD


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test builds below the system's temporary folder or writes the log of sealed runs."""
    monkeypatch.setattr("eval.open.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(cli, "TEST_RUNS", tmp_path / "test_runs.jsonl")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A gold file of eight questions."""
    return write_gold(tmp_path / "few.jsonl", "dev")


def write_gold(path: Path, split: str) -> Path:
    items = [item.model_copy(update={"split": split, "variants": item.variants[:4]}) for item in DEV[::15]]
    path.write_text("".join(item.model_dump_json(by_alias=True) + "\n" for item in items), encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments], HashEmbedder())


def test_a_run_writes_its_figures_its_items_and_a_page(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run("--gold", few, "--out", out, "--variants", "--baselines") == 0
    printed = capsys.readouterr().out
    assert "CorrectCited" in printed
    assert str(out / "report.html") in printed.replace("\n", "")
    data = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert data["about"]["n"] == 8
    assert [line["name"] for line in data["baselines"]][:2] == ["PlanQA", "BM25 only"]
    assert sum(data["refusal"]) == 8
    assert data["robustness"]["robust_accuracy"]["n"] == 8
    records = [json.loads(line) for line in (out / "items.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(records) == 8 + 8 * 4
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert "<script" not in page
    assert sum(data["budget"].values()) == page.count("<details")
    assert not (tmp_path / "test_runs.jsonl").exists()


def test_json_is_all_that_is_printed(few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--gold", few, "--out", tmp_path / "out", "--json") == 0
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in data["scorecard"]} >= {"CorrectCited", "F1_RG", "nDCG@10"}


def test_a_run_equal_to_its_baseline_may_be_kept(few: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    assert run("--gold", few, "--out", tmp_path / "a", "--write-baseline", kept) == 0
    assert run("--gold", few, "--out", tmp_path / "b", "--against", kept) == 0
    changes = json.loads((tmp_path / "b" / "results.json").read_text(encoding="utf-8"))["changes"]
    assert {change["delta"] for change in changes} == {0.0}
    assert "Compared with" in (tmp_path / "b" / "report.html").read_text(encoding="utf-8")


def test_a_significant_drop_ends_with_one(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight questions that were all right and now are all refused: p = 2 / 2⁶ over the answerable ones, 2 / 2⁸ over all."""
    kept = tmp_path / "kept.json"
    run("--gold", few, "--out", tmp_path / "a", "--write-baseline", kept)
    record = json.loads(kept.read_text(encoding="utf-8"))
    for values in record["items"].values():
        values.update(RefusalRight=1.0)
    kept.write_text(json.dumps(record), encoding="utf-8")
    assert run("--gold", few, "--out", tmp_path / "b", "--against", kept) == 0
    monkeypatch.setattr("eval.metrics.refusal_right", lambda *_: False)
    assert run("--gold", few, "--out", tmp_path / "c", "--against", kept) == 1
    reasons = json.loads((tmp_path / "c" / "results.json").read_text(encoding="utf-8"))["regressions"]
    assert [reason.split()[0] for reason in reasons] == ["RefusalRight"]


def test_a_quote_that_is_not_exact_ends_with_one(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forged(state: pipeline.State) -> Any:
        answer = pipeline.to_answer(state)
        bad = tuple(c.model_copy(update={"quote": c.quote + "！"}) for c in answer.citations)
        return answer.model_copy(update={"citations": bad})

    monkeypatch.setattr("eval.run.to_answer", forged)
    assert run("--gold", few, "--out", tmp_path / "out") == 1
    assert "QuoteExact" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_every_run_of_sealed_questions_is_on_record(tmp_path: Path) -> None:
    sealed = write_gold(tmp_path / "sealed.jsonl", "test")
    for folder in ("a", "b"):
        assert run("--gold", sealed, "--out", tmp_path / folder) == 0
    lines = (tmp_path / "test_runs.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert {"date", "commit", "gold_sha256", "figures"} <= set(json.loads(lines[0]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--gold", "none.jsonl"], "No such file"),
        (["--colour"], "unrecognized arguments"),
        (["--against", "none.json"], "no baseline"),
        (["--report", str(GOLD / "reports" / "qinghe-2025.txt")], "does not name"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line(
    arguments: list[str], words: str, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--gold", few, *arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_the_committed_baseline_is_of_the_dev_questions() -> None:
    record = json.loads(cli.BASELINE.read_text(encoding="utf-8"))
    assert set(record["items"]) == {item.id for item in DEV}
    assert set(record["groups"]) == set(record["items"])
