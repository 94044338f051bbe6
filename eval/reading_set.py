"""Reports written sentence by sentence with the questions that each sentence answers, and does not: what the reader learns from.

A line of `eval/gold/reading/*.jsonl` is a sentence: `part` (1 carried out, 2 planned), `chapter`, `paragraph`, `s` (its
words), `q` (questions it answers, `t` with the voice `v`), `near` (questions that sound like it, answered nowhere),
`false` (those that take something wrong for granted about it, `t`, of which kind `k`), and `true` (something that is so).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "gold/reading"
FOR_VECTORS = tuple(FOLDER / f"{name}.jsonl" for name in "abcdijk")
"""What the embedding model is fitted on."""
FOR_READER = tuple(FOLDER / f"{name}.jsonl" for name in "efgh")
"""What the reader is fitted on: on the others the vectors are better than they are elsewhere, and it would trust them too far."""
_PLACE, _REVIEWED = "某市某区", 2023
_PARTS = ("年国民经济和社会发展计划执行情况", "年国民经济和社会发展计划草案")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a report of the set: the sentence it is about, and whether that answers it."""

    question: str
    sentence: str
    is_answered: bool


def report_text(lines: list[dict[str, Any]]) -> str:
    """The report of one file, as the text of a plan report."""
    titles = [f"{_REVIEWED + i}{part}" for i, part in enumerate(_PARTS)]
    text = [f"关于{_PLACE}{titles[0]}与{titles[1]}的报告", "各位代表："]
    for part, sentences in groupby(lines, key=lambda line: line["part"]):
        text.append(f"{'一二'[part - 1]}、{titles[part - 1]}")
        for chapter, of_chapter in groupby(sentences, key=lambda line: line["chapter"]):
            text.append(chapter)
            paragraphs = groupby(of_chapter, key=lambda line: line["paragraph"])
            text += ["".join(line["s"] for line in group) for _, group in paragraphs]
    return "\n\n".join(text) + "\n"


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The sentences of one file, in the order of the report."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def questions(lines: list[dict[str, Any]]) -> Iterator[Asked]:
    """Every question of a file; one that takes something wrong for granted is answered by what says otherwise."""
    for line in lines:
        answered = [question["t"] for kind in ("q", "false", "true") for question in line.get(kind, ())]
        yield from (Asked(question, line["s"], True) for question in answered)
        yield from (Asked(question, line["s"], False) for question in line.get("near", ()))
