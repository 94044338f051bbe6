"""The console script: what it prints, and one line with exit code 2 for whatever cannot be done."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import planqa
from index.embedder import HashEmbedder
from index.snapshot import SnapshotStore

COMMANDS = {"ingest", "index", "search", "ask", "define", "indicator", "serve"}

Capture = pytest.CaptureFixture[str]


def _run(capsys: Capture, *arguments: str) -> str:
    """What a command prints; nothing may go to the error stream."""
    planqa.main(list(arguments))
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def _json(capsys: Capture, *arguments: str) -> Any:
    return json.loads(_run(capsys, *arguments, "--json"))


def _joined(capsys: Capture, *arguments: str) -> str:
    """What a command prints for people, without the line ends of a narrow terminal."""
    return re.sub(r"\s+", "", _run(capsys, *arguments))


def _refused(capsys: Capture, *arguments: str) -> str:
    """The one line with which a command ends."""
    with pytest.raises(SystemExit) as ended:
        planqa.main(list(arguments))
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("planqa: ")
    return line


def test_ingest_tells_what_was_found_in_each_report(capsys: Capture, report_path: Path, data: Path) -> None:
    shipped, other = _json(capsys, "ingest", str(report_path), str(data / "linhai-2025.txt"))
    assert {key: shipped[key] for key in ("report", "place", "year_reviewed", "year_planned", "notices")} == {
        "report": "xicheng-2024",
        "place": "西城区",
        "year_reviewed": 2023,
        "year_planned": 2024,
        "notices": [],
    }
    assert (shipped["terms"], shipped["indicators"], shipped["value_rows"]) == (40, 20, 21)
    assert (other["report"], other["place"], other["year_planned"]) == ("linhai-2025", "林海县", 2025)
    assert (other["terms"], other["indicators"], other["value_rows"]) == (0, 12, 12)
    assert [set(notice) for notice in other["notices"]] == [{"line", "message"}] * 2


def test_ingest_reads_the_reports_of_the_settings_and_the_shipped_one_by_default(
    capsys: Capture, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [summary["report"] for summary in _json(capsys, "ingest")] == ["xicheng-2024"]
    monkeypatch.setenv("PLANQA_REPORTS_DIR", str(data))
    assert [summary["report"] for summary in _json(capsys, "ingest")] == ["fengxi-2023", "linhai-2025"]


def test_ingest_tells_people_what_was_not_understood_and_where(capsys: Capture, data: Path) -> None:
    printed = _joined(capsys, "ingest", str(data / "linhai-2025.txt"))
    assert "林海县" in printed
    assert re.search(r"linhai-2025\.txt:\d+:tablerownotunderstood", printed)


def test_ingest_writes_the_corpus_where_it_is_told(capsys: Capture, data: Path, tmp_path: Path) -> None:
    _json(capsys, "ingest", str(data / "fengxi-2023.txt"), "--out", str(tmp_path / "out"))
    assert (tmp_path / "out" / "fengxi-2023" / "canonical.txt").exists()


@pytest.mark.parametrize("asked", ["第五立面", "35", " “第五立面” "])
def test_define_shows_a_term_by_name_or_number(asked: str, capsys: Capture) -> None:
    (view,) = _json(capsys, "define", asked)
    assert (view["number"], view["name"], view["definition"]) == ("35", "第五立面", "指建筑物的房顶。")
    assert "“第五立面”规划设计" in view["uses"][0]["quote"]
    assert view["url"].startswith("/reports/xicheng-2024#")
    assert "第五立面指建筑物的房顶。" in _joined(capsys, "define", asked)


@pytest.mark.parametrize("asked", ["登记失业率", "11", "登记失业绿"])
def test_indicator_shows_a_row_by_name_number_or_nearly_its_name(asked: str, capsys: Capture) -> None:
    (view,) = _json(capsys, "indicator", asked)
    assert (view["number"], view["name"], view["unit"], view["attribute"]) == ("11", "登记失业率", "%", "预期性")
    assert view["values"] == [{"header": "2024年计划", "year": 2024, "role": "计划", "text": "<3.5", "number": 3.5}]
    assert view["quote"] == "共享发展\t11\t登记失业率（%）\t<3.5\t预期性"
    printed = _joined(capsys, "indicator", asked)
    assert "11登记失业率（%）2024年计划：<3.5预期性·共享发展" in printed


def test_indicator_shows_every_value_of_a_table_with_more_columns(
    capsys: Capture, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANQA_REPORTS_DIR", str(data))
    (view,) = _json(capsys, "indicator", "森林覆盖率")
    assert [value["text"] for value in view["values"]] == ["—", "71.3", "保持稳定"]


def test_every_command_explains_itself(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        planqa.main(["--help"])
    assert ended.value.code == 0
    overview = capsys.readouterr().out
    commands = set(re.findall(r"^    (\w+)\s+\S", overview, flags=re.MULTILINE))
    assert commands >= COMMANDS
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            planqa.main([command, "--help"])
        assert ended.value.code == 0
        assert f"planqa {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["ingest", "--nonsense"],
        ["define"],
        ["search", "问题", "-k", "0"],
        ["search", "问题", "-k", "many"],
        ["search", "问题", "-k", "²"],
        ["serve", "--port", "99999"],
        ["serve", "--port", "http"],
        ["ask", "问题", "多余"],
    ],
)
def test_a_bad_argument_ends_with_one_line(arguments: list[str], capsys: Capture) -> None:
    assert "--help" in _refused(capsys, *arguments)


@pytest.mark.parametrize("command", ["define", "indicator"])
def test_a_name_that_is_not_there_ends_with_one_line_that_says_it(command: str, capsys: Capture) -> None:
    assert "红烧肉的做法" in _refused(capsys, command, "红烧肉的做法")
    assert _refused(capsys, command, "")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("none.txt", None, "none.txt"),
        ("empty.txt", b"", "empty"),
        ("binary.txt", b"\x7fELF\x00\x00", "binary"),
        ("noise.txt", b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
        ("report.xyz", b"x", "supported"),
        ("two\nlines.txt", b"", "empty"),
        ("headings.txt", "一、标题\n".encode(), "no running text"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_one_line_that_names_it(
    name: str, content: bytes | None, reason: str, capsys: Capture, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    line = _refused(capsys, "ingest", name)
    assert reason in line
    assert name.replace("\n", " ") in line


def test_a_reports_folder_that_is_missing_or_empty_ends_with_one_line(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANQA_REPORTS_DIR", str(tmp_path / "none"))
    assert "none" in _refused(capsys, "define", "甲")
    monkeypatch.setenv("PLANQA_REPORTS_DIR", str(tmp_path))
    assert "no report" in _refused(capsys, "ingest", "--json")


def test_a_folder_that_cannot_be_written_ends_with_one_line(capsys: Capture, data: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    assert "taken" in _refused(capsys, "ingest", str(data / "fengxi-2023.txt"), "--out", "taken/out")


def test_an_undecodable_env_file_ends_with_one_line(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PLANQA_REPORTS_DIR=\xff\n")
    assert ".env" in _refused(capsys, "ingest")


@pytest.mark.parametrize("place", ["taken", "taken/deeper"])
@pytest.mark.parametrize("command", [["index"], ["ask", "甲是什么"], ["serve"]])
def test_a_data_folder_that_is_a_file_ends_with_one_line_that_names_the_setting(
    place: str, command: list[str], capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_bytes(b"")
    monkeypatch.setenv("PLANQA_DATA_DIR", str(tmp_path / place))
    line = _refused(capsys, *command)
    assert "PLANQA_DATA_DIR" in line
    assert "taken" in line


def test_whatever_the_system_refuses_ends_with_one_line(
    capsys: Capture, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "out"))

    monkeypatch.setattr("ingest.model.Corpus.save", refuse)
    line = _refused(capsys, "ingest", str(data / "fengxi-2023.txt"), "--out", "out")
    assert line == f"planqa: {tmp_path / 'out'}: No space left on device"


@pytest.mark.parametrize("question", ["", " \n", "问" * 501, "\udcff"])
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_that_is_none_is_refused_before_anything_is_loaded(
    command: str, question: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr("planqa._knowledge", load)
    assert "question" in _refused(capsys, command, question)


def test_a_search_is_narrowed_to_a_report(capsys: Capture, monkeypatch: pytest.MonkeyPatch, built_data: Path) -> None:
    snapshot = SnapshotStore(built_data).open(HashEmbedder())
    monkeypatch.setattr("planqa._knowledge", lambda: SimpleNamespace(snapshot=snapshot))
    found = _json(capsys, "search", "老旧小区", "--report", "linhai-2025")["evidence"]
    assert {row["report"] for row in found} == {"linhai-2025"}
    assert "xicheng-2024" in _refused(capsys, "search", "老旧小区", "--report", "nowhere")


@pytest.mark.parametrize(("name", "value"), [("PLANQA_NONSENSE", "1"), ("PLANQA_RATE_LIMIT", "often")])
@pytest.mark.parametrize("command", [["ingest"], ["define", "甲"], ["index"], ["ask", "甲是什么"], ["serve"]])
def test_an_unknown_or_unusable_setting_ends_with_one_line_that_names_it(
    name: str, value: str, command: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert name in _refused(capsys, *command)


def test_a_setting_from_the_env_file_is_read_and_the_environment_wins(
    capsys: Capture, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"PLANQA_REPORTS_DIR={tmp_path}/none\n", encoding="utf-8")
    assert "none" in _refused(capsys, "ingest")
    monkeypatch.setenv("PLANQA_REPORTS_DIR", str(data))
    assert len(_json(capsys, "ingest")) == 2


HEAVY = {"torch", "sentence_transformers", "faiss", "numpy", "pypinyin", "docx", "pdfplumber", "fastapi", "openai"}


@pytest.mark.parametrize("command", [["define", "第五立面"], ["indicator", "5"], ["--help"]])
def test_a_look_up_imports_nothing_that_takes_long(command: list[str]) -> None:
    code = (
        "import sys, planqa\n"
        "try:\n    planqa.main(sys.argv[1:])\nexcept SystemExit as ended:\n    assert not ended.code, ended\n"
        "print('imported', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    imported = done.stdout.splitlines()[-1].split()
    assert imported[0] == "imported"
    assert not HEAVY & set(imported)
