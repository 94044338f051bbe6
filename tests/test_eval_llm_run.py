"""Measuring a model: what it was taken at its word for, what was shown of it, and an exit code for what may not be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval import cli, llm_run
from eval.gold_set import GoldItem
from eval.llm_run import Written, figures, problems, run_written
from index.embedder import HashEmbedder
from server.answering.generate import Writer
from server.answering.pipeline import Knowledge
from server.breaker import Breaker
from server.llm import End, Message, OpenAiModel
from server.llm_fake import FakeLlm, Script
from tests.test_eval_gold import DEV

LIE = "共有98765处。"


def _lying(messages: Sequence[dict[str, str]]) -> str:
    """The first source's first clause, and a lie, each with a source; one that there is not for the lie."""
    sources = re.findall(r'编号="(\d+)"[^>]*>(.*?)[，。；]', messages[1]["content"])
    return f"{sources[0][1]}。[1]{LIE}[1][99]" if sources else "部分正确"


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeLlm]:
    with FakeLlm(Script(_lying)) as server:
        yield server


@pytest.fixture(scope="module")
def written(knowledge: Knowledge, fake: FakeLlm) -> list[Written]:
    asked = DEV[0].model_copy(update={"question": "2023年登记失业率是多少？"})
    items = [asked, *[item for item in DEV if not item.history][1::30]]
    writer = Writer(OpenAiModel(fake.base_url, "fake", seconds=10), Breaker(), 500)
    return run_written(knowledge, items, writer, runs=2, judged=True)


def test_every_item_is_asked_as_often_as_was_said(written: list[Written]) -> None:
    ids = [one.item.id for one in written]
    assert ids[::2] == ids[1::2]
    assert len(set(ids)) * 2 == len(ids)


def test_a_lie_counts_against_the_model_and_is_never_shown(written: list[Written]) -> None:
    said = figures(written)
    assert said["num_faithful"]["verified"] == 1.0
    assert said["num_faithful"]["unverified_of_the_model_alone"] < 1.0
    assert said["citations"]["verbatim_and_resolving"] == 1.0
    assert said["citations"]["invented_by_the_model"] == said["asked_of_the_model"] > 0
    assert said["sentences"]["dropped_or_replaced"] >= said["asked_of_the_model"]
    assert not any("98765" in one.answer.answer for one in written)
    assert all("98765" in str(one.raw) for one in written if one.raw)
    assert problems(written) == []


def test_the_model_as_a_judge_is_counted_where_it_keeps_to_the_words_it_is_given(written: list[Written]) -> None:
    judged = figures(written)["judge"]
    assert judged["部分正确"] == 1.0
    assert judged["正确"] == judged["错误"] == 0.0


def test_what_may_not_be_shown_is_named(written: list[Written]) -> None:
    shown = [replace(one, score=one.raw_score or one.score) for one in written]
    assert "a number shown does not stand in its citation" in problems(shown)


def test_the_command_writes_figures_and_every_verdict(
    tmp_path: Path, fake: FakeLlm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.open.gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("PLANQA_LLM_BASE_URL", fake.base_url)
    monkeypatch.setenv("PLANQA_LLM_MODEL", "fake")
    gold = tmp_path / "few.jsonl"
    gold.write_text("".join(_line(item) for item in DEV[::20]), encoding="utf-8")
    code = _main("--gold", gold, "--mode", "llm", "--out", tmp_path / "out", "--json")
    printed = json.loads(capsys.readouterr().out)
    kept = json.loads((tmp_path / "out" / "llm.json").read_text(encoding="utf-8"))
    assert code == (1 if _loss(kept["figures"]) > llm_run.STRICT_LOSS else 0)
    assert printed["figures"] == kept["figures"]
    assert kept["about"]["mode"] == "llm"
    lines = (tmp_path / "out" / "llm_answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(DEV[::20])


def test_replies_are_kept_and_the_same_prompts_are_not_put_again(
    tmp_path: Path, fake: FakeLlm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.open.gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("PLANQA_LLM_BASE_URL", fake.base_url)
    monkeypatch.setenv("PLANQA_LLM_MODEL", "fake")
    gold = tmp_path / "few.jsonl"
    gold.write_text("".join(_line(item) for item in DEV[::20]), encoding="utf-8")
    command = ("--gold", gold, "--mode", "llm", "--replies", tmp_path / "replies.jsonl", "--json")
    _main(*command, "--out", tmp_path / "first")
    first = json.loads(capsys.readouterr().out)
    asked = len(fake.requests)
    _main(*command, "--out", tmp_path / "second")
    second = json.loads(capsys.readouterr().out)
    assert len(fake.requests) == asked
    assert second["about"]["replies_from_file"] == first["figures"]["asked_of_the_model"] > 0
    assert second["figures"]["sentences"] == first["figures"]["sentences"]
    assert second["figures"]["strict"] == first["figures"]["strict"]
    assert second["figures"]["seconds_a_question"] is None
    # Another model says other things.
    monkeypatch.setenv("PLANQA_LLM_MODEL", "other")
    _main(*command, "--out", tmp_path / "third")
    assert len(fake.requests) > asked


def test_a_file_of_something_else_is_not_taken_for_replies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.open.gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("PLANQA_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("PLANQA_LLM_MODEL", "fake")
    other = tmp_path / "other.jsonl"
    other.write_text('{"question": "?"}\n', encoding="utf-8")
    assert _main("--mode", "llm", "--replies", other) == 2
    assert "not a file of kept replies" in capsys.readouterr().err
    assert other.read_text(encoding="utf-8") == '{"question": "?"}\n'


class _Reference:
    """The best model there could be: it says what the one who wrote the question wrote as its answer."""

    reply = ""

    def stream(self, _: Sequence[Message]) -> Iterator[str | End]:
        yield self.reply
        yield End()


def test_most_reference_answers_hold_and_none_is_worse_than_the_answer_without_a_model(knowledge: Knowledge) -> None:
    model, found = _Reference(), []
    for item in DEV:
        model.reply = item.answer
        if not item.history:
            found += run_written(knowledge, [item], Writer(model, Breaker(), 1_500))
    said = figures(found)
    shown = said["sentences"]["shown"] + said["sentences"]["shown_as_quotes"]
    assert said["sentences"]["written"] > 15
    assert shown >= 0.5 * said["sentences"]["written"]
    assert said["strict"]["verified"] >= said["strict"]["without_model"]
    assert problems(found) == []


@pytest.mark.parametrize("arguments", [("--mode", "llm"), ("--mode", "other"), ("--mode", "llm", "--runs", "0")])
def test_a_run_that_cannot_be_done_ends_with_one_line(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.open.gettempdir", lambda: str(tmp_path))
    assert _main(*arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def _main(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments], HashEmbedder())


def _line(item: GoldItem) -> str:
    return item.model_dump_json(by_alias=True) + "\n"


def _loss(said: dict[str, Any]) -> float:
    return float(said["strict"]["without_model"] - said["strict"]["verified"])
