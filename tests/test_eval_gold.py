"""The gold files that may be read: valid against their reports, with matchers that tell right from wrong."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

import eval as eval_package
from eval.facts import normalise, says
from eval.fit import OPEN
from eval.gold_set import GoldError, GoldItem, load_gold, problems
from eval.open import report_file
from ingest.corpus import ingest_file
from ingest.model import Corpus

GOLD = Path(str(eval_package.__file__)).parent / "gold"
SETS = {path.stem: load_gold(path) for path in OPEN}
"""Every set that may be tuned on, by its name."""
DEV, OTHER = SETS["dev"], SETS["other"]


@pytest.mark.parametrize("items", SETS.values(), ids=SETS)
def test_the_questions_fit_the_report_that_they_name(items: tuple[GoldItem, ...]) -> None:
    (report,) = {item.report for item in items}
    assert list(problems(items, ingest_file(report_file(report)).report.text)) == []


@pytest.mark.parametrize("items", SETS.values(), ids=SETS)
def test_only_dev_questions_are_open(items: tuple[GoldItem, ...]) -> None:
    assert {item.split for item in items} == {"dev"}
    assert len({item.question for item in items}) == len(items)


def test_every_set_is_told_of_in_the_readme() -> None:
    told = (GOLD / "README.md").read_text(encoding="utf-8")
    assert [name for name in SETS if f"`{name}.jsonl`" not in told] == []


def _wanted(items: tuple[GoldItem, ...]) -> list[GoldItem]:
    return [item for item in items if any(fact.required for fact in item.facts)]


@pytest.mark.parametrize("item", _wanted((*DEV, *OTHER)), ids=lambda item: item.id)
def test_every_matcher_accepts_the_gold_answer(item: GoldItem) -> None:
    by_status = ("polarity",) if item.expected == "correct_premise" else ()
    facts = [fact for fact in item.facts if fact.required and fact.kind not in by_status]
    assert [fact for fact in facts if not says(item.answer, fact)] == []
    assert [
        fact for fact in item.forbidden if (fact.aliases or fact.value is not None) and says(item.answer, fact)
    ] == []


@pytest.mark.parametrize("item", _wanted((*DEV, *OTHER)), ids=lambda item: item.id)
def test_no_number_matcher_accepts_the_answer_with_that_number_changed(item: GoldItem) -> None:
    for fact in item.facts:
        if fact.kind == "number" and fact.value is not None:
            changed = _with_another(normalise(item.answer), f"{Decimal(str(fact.value)).normalize():f}")
            assert changed is None or not says(changed, fact), changed


def _with_another(answer: str, number: str) -> str | None:
    """The answer with one digit more in that number; None where it does not stand there in digits."""
    changed, count = re.subn(rf"(?<![\d.]){re.escape(number)}(?![\d]|\.\d)", f"7{number}", answer)
    return changed if count else None


def test_a_broken_gold_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    line = DEV[0].model_dump_json(by_alias=True)
    path.write_text(f"{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(GoldError, match="stands twice"):
        load_gold(path)
    path.write_text(f"{line}\n{{}}\n", encoding="utf-8")
    with pytest.raises(GoldError, match=r"gold\.jsonl:2"):
        load_gold(path)
    with pytest.raises(GoldError, match="No such file"):
        load_gold(tmp_path / "none.jsonl")


def test_the_validator_sees_what_is_wrong(corpus: Corpus) -> None:
    text = corpus.report.text
    good = next(item for item in DEV if item.answerable and item.evidence_sets)
    moved = good.evidence_sets[0][0].model_copy(update={"start": 1})
    broken = {
        "quote is not": {"evidence_sets": ((moved,),)},
        "without evidence": {"evidence_sets": ()},
        "to be refused": {"expected": "refuse"},
        "without a distractor": {"type": "near_miss", "distractors": ()},
        "another text": {"doc_sha256": "0"},
        "equals the question": {"variants": (good.variants[0].model_copy(update={"text": good.question}),)},
    }
    for words, change in broken.items():
        assert any(words in problem for problem in problems([good.model_copy(update=change)], text)), words
