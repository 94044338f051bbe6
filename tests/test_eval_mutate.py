"""Changed reports: numbers that follow, evidence that is gone, a second report beside; and the baselines."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.baselines import run_baselines
from eval.gold_set import GoldItem, load_gold, problems
from eval.mutate import ablation, as_source, counterfactual, noise, set_back, with_other_numbers, without_evidence
from eval.open import open_knowledge
from eval.report import mutation
from eval.run import run_items, run_variants
from index.embedder import HashEmbedder
from ingest.corpus import ingest_file
from ingest.model import Corpus
from server.answering.pipeline import Knowledge
from tests.test_eval_gold import DEV, GOLD

EMBEDDER = HashEmbedder()


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory, report_path: Path) -> Knowledge:
    return open_knowledge(report_path, embedder=EMBEDDER, folder=tmp_path_factory.mktemp("eval"))


def item(identifier: str) -> GoldItem:
    return next(item for item in DEV if item.id == identifier)


def numbers() -> list[GoldItem]:
    """Items whose required facts are all numbers that stand in the evidence."""
    return [item for item in DEV if item.facts and all(fact.kind == "number" for fact in item.facts)]


def test_the_numbers_change_and_the_gold_follows(corpus: Corpus) -> None:
    text = corpus.report.text
    changed = [found for item in numbers() if (found := with_other_numbers(item, text))]
    assert len(changed) >= 20
    for after, mutated in changed:
        before = item(after.id)
        assert len(mutated) == len(text) != sum(a == b for a, b in zip(text, mutated, strict=True))
        assert not [p for p in problems([after], mutated) if "another text" not in p]
        pairs = zip(before.facts, after.facts, strict=True)
        assert all(old.value != new.value for old, new in pairs if old.required)
    assert [with_other_numbers(item, text) for item in numbers()[:3]] == [
        with_other_numbers(item, text) for item in numbers()[:3]
    ]


def test_a_written_report_gives_the_same_report_back(corpus: Corpus, other_corpus: Corpus, tmp_path: Path) -> None:
    for one in (corpus, other_corpus):
        path = tmp_path / f"{one.report.id}.txt"
        path.write_text(as_source(one.report.text), encoding="utf-8")
        again = ingest_file(path)
        assert again.report.text == one.report.text
        assert (len(again.indicators), len(again.terms)) == (len(one.indicators), len(one.terms))


def test_what_cannot_be_changed_is_left_alone(corpus: Corpus) -> None:
    text, good = corpus.report.text, next(item for item in numbers() if with_other_numbers(item, corpus.report.text))
    number = f"{good.facts[0].value:g}"
    for change in ({"calc": "1+1"}, {"question": f"是{number}吗？"}, {"evidence_sets": ()}, {"facts": ()}):
        assert with_other_numbers(good.model_copy(update=change), text) is None


def test_the_evidence_is_gone_and_the_rest_stays(knowledge: Knowledge, corpus: Corpus) -> None:
    good = numbers()[0]
    found = without_evidence(good, knowledge, corpus)
    assert found
    after, text = found
    assert (after.expected, after.evidence_sets, after.facts) == ("refuse", (), ())
    assert good.evidence_sets[0][0].quote not in text
    assert 0 < len(corpus.report.text) - len(text) < 400


def test_years_are_set_back_below_the_report_asked_about(corpus: Corpus) -> None:
    planned = corpus.report.year_planned or 0
    assert set_back(f"{planned + 1}年和{planned}年", corpus) == f"{planned - 2}年和{planned - 3}年"
    assert set_back(f"{planned - 5}年", corpus) == f"{planned - 5}年"
    assert set_back("没有年份", corpus) == "没有年份"


def test_changed_reports_are_asked(knowledge: Knowledge) -> None:
    clean = run_items(knowledge, [next(i for i in numbers() if i.type == "number_text"), item("dev-091")])
    first, second = (change(knowledge, clean, EMBEDDER) for change in (counterfactual, ablation))
    assert [r.item.id for r in second.results] == [clean[0].item.id]
    assert second.results[0].item.expected == "refuse"
    assert len(first.results) + first.skipped == 1
    third = noise(knowledge, clean, GOLD / "reports" / "qinghe-2025.txt", EMBEDDER)
    assert len(third.results) == 2
    assert mutation("M3", third)["clean"] == sum(r.score.right for r in clean)
    assert all(r.score.quote_exact and r.score.cite_resolves for m in (first, second, third) for r in m.results)


def test_the_oracle_is_a_ceiling_and_silence_a_floor(knowledge: Knowledge) -> None:
    items = load_gold(GOLD / "dev.jsonl")[::12]
    results = run_baselines(knowledge, items)
    assert {len(found) for found in results.values()} == {len(items)}
    oracle = [r for r in results["oracle evidence"] if r.item.evidence_sets]
    assert all(r.score.cite_recall == r.score.cite_precision == 1 for r in oracle)
    assert all(r.score.refusal_right for r in results["oracle evidence"])
    assert not any(r.score.answered for r in results["always refuse"])
    for found in results.values():
        assert all(r.score.quote_exact and r.score.cite_resolves and r.score.num_faithful in (None, 1) for r in found)
    best = results["hybrid, first passage"]
    assert all(r.score.answered for r in best)


def test_variants_are_asked_by_family(knowledge: Knowledge) -> None:
    calls: list[int] = []
    found = run_variants(knowledge, DEV[:2], ("traditional",), lambda: calls.append(1))
    assert [r.variant for r in found] == ["traditional"] * 2
    assert len(calls) == 2
    assert all(r.answer.timings_ms for r in found)
