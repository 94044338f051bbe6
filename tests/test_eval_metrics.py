"""Known-bad answers: each must lower the figure that is there to see it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from eval.gold_set import GoldItem
from eval.metrics import ELSEWHERE, Retrieved, Score, num_faithful, score
from eval.ranks import evidence_recall, first, gold_ranks, ndcg, reciprocal_rank
from ingest.corpus import ingest_file
from ingest.model import Span
from server.answering.model import Answer, AnswerSentence, Citation, Status
from server.answering.numbers import figures
from server.places import Places

REPORT = "linhai-2025"


@pytest.fixture(scope="module")
def places(data: Path) -> Places:
    return Places(ingest_file(data / f"{REPORT}.txt"))


@pytest.fixture(scope="module")
def spans(places: Places) -> list[Span]:
    """Three sentences with exactly one number, which they do not share."""
    text = places.corpus.report.text
    found: dict[str, Span] = {}
    for unit in places.units:
        words = unit.span.of(text)
        said = figures(words)
        plain = len(said) == 1 and str(said[0].value) == number_in(words) and len(number_in(words)) > 1
        if plain and unit.kind == "passage" and words.endswith("。") and not number_in(words).startswith("20"):
            found.setdefault(number_in(words), unit.span)
    return list(found.values())[:3]


def number_in(words: str) -> str:
    match = re.search(r"\d+(?:\.\d+)?", words)
    assert match
    return match.group()


@pytest.fixture
def item(places: Places, spans: list[Span]) -> GoldItem:
    text = places.corpus.report.text
    words = spans[0].of(text)
    return gold(
        text,
        evidence_sets=[[quote(text, spans[0])]],
        also_ok=[],
        facts=[{"kind": "number", "value": float(number_in(words)), "period": "2024"}],
        forbidden=[{"kind": "number", "value": 99.75}],
    )


def gold(text: str, **changed: Any) -> GoldItem:
    base = {
        "id": "t-1", "schema": 2, "split": "dev", "group": "g", "type": "number_text", "persona": "staff",
        "question": "多少？", "history": [], "answerable": True, "expected": "answer", "refusal_kind": None,
        "short": [], "answer": "", "facts": [], "forbidden": [], "evidence_sets": [], "also_ok": [],
        "distractors": [], "calc": None, "hops": 1, "difficulty": 1, "variants": [], "report": REPORT,
        "doc_sha256": sha256(text.encode()).hexdigest(),
    }  # fmt: skip
    return GoldItem.model_validate({**base, **changed})


def quote(text: str, span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "quote": span.of(text)}


def answer(places: Places, cited: Sequence[Span], words: str | None = None, status: Status = Status.ANSWERED) -> Answer:
    """One sentence a span, the first with other words where they are given."""
    citations = [Citation(marker=i, **places.place(span).model_dump()) for i, span in enumerate(cited, 1)]
    sentences = [AnswerSentence(text=c.quote, markers=(c.marker,), origin="quoted") for c in citations]
    if words is not None and sentences:
        sentences[0] = AnswerSentence(text=words, markers=(1,), origin="generated")
    return Answer(
        id="1", status=status, question="", resolved_question="", mode="extractive",
        answer="", sentences=tuple(sentences), citations=tuple(citations), related=(), notice=None, snapshot="",
        timings_ms={},
    )  # fmt: skip


def scored(item: GoldItem, given: Answer, places: Places, found: Sequence[Span] = ()) -> Score:
    return score(item, given, {REPORT: places}, Retrieved(found, found))


def test_the_gold_quote_is_right_in_every_figure(item: GoldItem, places: Places, spans: list[Span]) -> None:
    right = scored(item, answer(places, spans[:1]), places, spans[:1])
    verdicts = (right.strict, right.correct_cited, right.num_exact, right.right, right.quote_exact, right.cite_resolves)
    assert (*verdicts, right.self_contained, right.wrong_document) == (True,) * 7 + (False,)
    figures = (right.cite_recall, right.cite_precision, right.cite_f1, right.cite_coverage, right.num_faithful)
    assert figures == (1, 1, 1, 1, 1)
    assert (right.key_fact_recall, right.verbosity, right.over_cite) == (1, 1, 0)
    assert (right.reciprocal_rank, right.ndcg, right.ranks) == (1, 1, (1,))


def test_a_wrong_digit_is_wrong_and_unfaithful(item: GoldItem, places: Places, spans: list[Span]) -> None:
    words = spans[0].of(places.corpus.report.text)
    bad = scored(item, answer(places, spans[:1], words.replace(number_in(words), f"1{number_in(words)}")), places)
    assert (bad.strict, bad.correct_cited, bad.num_exact, bad.key_fact_recall, bad.num_faithful) == (
        False, False, False, 0, 0,
    )  # fmt: skip
    assert bad.cite_recall == 1


def test_a_wrong_year_is_no_exact_number(item: GoldItem, places: Places, spans: list[Span]) -> None:
    number = number_in(spans[0].of(places.corpus.report.text))
    assert scored(item, answer(places, spans[:1], f"2024年为{number}。"), places).num_exact
    bad = scored(item, answer(places, spans[:1], f"2021年为{number}。"), places)
    assert not bad.num_exact
    assert bad.num_faithful == 0.5


def test_another_row_is_wrong_and_wrongly_cited(item: GoldItem, places: Places, spans: list[Span]) -> None:
    bad = scored(item, answer(places, spans[1:2]), places)
    assert (bad.strict, bad.num_exact, bad.cite_recall, bad.cite_precision, bad.cite_f1) == (False, False, 0, 0, 0)
    assert (bad.quote_exact, bad.num_faithful) == (True, 1)


def test_a_missing_item_of_a_list_is_not_strict(places: Places, spans: list[Span]) -> None:
    text = places.corpus.report.text
    heads = [span.of(text)[:8] for span in spans[:2]]
    facts = [{"kind": "list_item", "aliases": [head]} for head in heads]
    sets = [[quote(text, span) for span in spans[:2]]]
    both = gold(text, facts=facts, evidence_sets=sets)
    assert scored(both, answer(places, spans[:2]), places).correct_cited
    bad = scored(both, answer(places, spans[:1]), places)
    assert (bad.strict, bad.key_fact_recall, bad.cite_recall, bad.cite_precision) == (False, 0.5, 0.5, 1)


def test_a_right_answer_with_a_wrong_citation_is_not_correct_cited(
    item: GoldItem, places: Places, spans: list[Span]
) -> None:
    words = spans[0].of(places.corpus.report.text)
    bad = scored(item, answer(places, spans[1:2], words), places)
    assert bad.strict
    assert (bad.correct_cited, bad.cite_recall, bad.cite_precision, bad.num_faithful) == (False, 0, 0, 0)


def test_a_citation_too_many_lowers_precision_only(item: GoldItem, places: Places, spans: list[Span]) -> None:
    bad = scored(item, answer(places, spans[:2]), places)
    assert (bad.correct_cited, bad.cite_recall, bad.cite_precision, bad.over_cite) == (True, 1, 0.5, 0.5)
    assert (bad.verbosity or 0) > 1


def test_a_refusal_is_neither_right_nor_an_answer(item: GoldItem, places: Places) -> None:
    bad = scored(item, answer(places, [], status=Status.NOT_IN_REPORT), places)
    assert (bad.answered, bad.refusal_right, bad.right, bad.strict, bad.key_fact_recall) == (False,) * 4 + (0,)
    assert (bad.cite_precision, bad.cite_f1, bad.cite_recall) == (None, None, 0)


def test_an_answer_where_none_is_due_is_wrong(places: Places, spans: list[Span]) -> None:
    due = gold(places.corpus.report.text, answerable=False, expected="refuse", type="out_of_scope")
    assert not scored(due, answer(places, spans[:1]), places).refusal_right
    assert scored(due, answer(places, [], status=Status.OTHER_YEAR), places).right
    assert scored(due, answer(places, [], status=Status.ANSWERED_THANKS), places).right


def test_a_false_premise_is_corrected_or_refused_but_not_followed(
    item: GoldItem, places: Places, spans: list[Span]
) -> None:
    premise = item.model_copy(update={"expected": "correct_premise"})
    for answerable in (True, False):
        premise = premise.model_copy(update={"answerable": answerable})
        assert not scored(premise, answer(places, spans[:1]), places).refusal_right
        corrected = scored(premise, answer(places, spans[:1], status=Status.ANSWERED_CORRECTION), places)
        assert (corrected.refusal_right, corrected.strict, corrected.num_exact) == (True, True, None)
        assert scored(premise, answer(places, [], status=Status.NOT_IN_REPORT), places).refusal_right


def test_a_forbidden_figure_is_not_strict(item: GoldItem, places: Places, spans: list[Span]) -> None:
    words = spans[0].of(places.corpus.report.text)
    bad = scored(item, answer(places, spans[:1], f"{words}又，99.75。"), places)
    assert (bad.strict, bad.key_fact_recall) == (False, 1)


def test_a_changed_quote_and_a_dead_address_are_seen(item: GoldItem, places: Places, spans: list[Span]) -> None:
    good = answer(places, spans[:1])
    (citation,) = good.citations
    for change in ({"quote": citation.quote[:-1]}, {"start": citation.start + 1}):
        bad = good.model_copy(update={"citations": (citation.model_copy(update=change),)})
        assert not scored(item, bad, places).quote_exact
        assert not scored(item, bad, places).correct_cited
    other = places.place(spans[1]).url
    for url in (other, f"/reports/{REPORT}", f"/reports/{REPORT}#none", other.replace(REPORT, "none")):
        bad = good.model_copy(update={"citations": (citation.model_copy(update={"url": url}),)})
        assert not scored(item, bad, places).cite_resolves


def test_another_report_is_never_the_evidence(item: GoldItem, places: Places, spans: list[Span]) -> None:
    good = answer(places, spans[:1])
    moved = (good.citations[0].model_copy(update={"report": "another"}),)
    bad = scored(item, good.model_copy(update={"citations": moved}), places)
    assert bad.wrong_document
    assert (bad.cite_recall, bad.cite_precision, bad.quote_exact, bad.cite_resolves) == (0, 0, False, False)


def test_a_sentence_without_a_marker_is_not_covered(item: GoldItem, places: Places, spans: list[Span]) -> None:
    good = answer(places, spans[:2])
    bare = (good.sentences[0], good.sentences[1].model_copy(update={"markers": ()}))
    assert scored(item, good.model_copy(update={"sentences": bare}), places).cite_coverage == 0.5


@pytest.mark.parametrize("words", ["其增速为5%。", "该项目已建成。", "同时，建成5处。", "上述工作完成。", "此举有效。"])
def test_a_sentence_that_points_back_is_not_self_contained(
    words: str, item: GoldItem, places: Places, spans: list[Span]
) -> None:
    assert not scored(item, answer(places, spans[:1], words), places).self_contained
    assert scored(item, answer(places, spans[:1], f"其他{words}"), places).self_contained


def test_ranks_are_judged_on_spans_in_their_order() -> None:
    sets = [[Span(0, 10), Span(50, 60)], [Span(100, 110)]]
    texts = [Span(200, 300), Span(0, 9), Span(45, 70), Span(70, 80)]
    assert evidence_recall(sets, texts[:1]) == 0
    assert evidence_recall(sets, texts[:2]) == 0.5
    assert evidence_recall(sets, texts[:3]) == 1
    assert evidence_recall(sets, [Span(95, 107)]) == 0
    assert reciprocal_rank(sets, texts) == 0.5
    assert gold_ranks(sets, texts) == (2, 3)
    assert gold_ranks(sets, [Span(95, 120)]) == (None, None)
    assert evidence_recall([[Span(0, 10)]], [Span(0, 5), Span(5, 10)]) == 1
    assert evidence_recall([[Span(0, 10)]], [Span(ELSEWHERE, ELSEWHERE + 10)]) == 0


def test_only_so_many_characters_are_read() -> None:
    assert first([Span(0, 600), Span(700, 1300), Span(0, 5)], 1000) == [Span(0, 600), Span(700, 1100)]


def test_ndcg_has_linear_gain_and_an_ideal_over_all_texts() -> None:
    good, fine, poor = Span(0, 10), Span(20, 30), Span(40, 50)
    pool = [good, fine, poor]
    assert ndcg([[good]], [fine], [good, fine, poor], pool) == pytest.approx(1)
    # (1 + 2/log2(3)) / (2 + 1/log2(3))
    assert ndcg([[good]], [fine], [fine, good], pool) == pytest.approx((1 + 2 * 0.63093) / (2 + 0.63093), abs=1e-4)
    assert ndcg([[good]], [], [fine, good], pool) == pytest.approx(0.63093, abs=1e-4)
    assert ndcg([[good]], [], [poor], pool) == 0
    assert ndcg([[good]], [], [], pool) == 0


def test_the_cells_of_a_row_stay_apart() -> None:
    """With the TAB folded away, 6.2 and 6 would be read as 6.26."""
    row = AnswerSentence(text="计划6.2，目标6左右。", markers=(1,), origin="composed")
    place = {"kind": "indicator", "report": REPORT, "title": "", "start": 0, "end": 9, "url": ""}
    cited = Citation.model_validate({**place, "marker": 1, "quote": "增速\t6.2\t6左右"})
    given = Answer(
        id="", status=Status.ANSWERED, question="", resolved_question="", mode="extractive", answer="", sentences=(row,),
        citations=(cited,), related=(), notice=None, snapshot="", timings_ms={},
    )  # fmt: skip
    assert num_faithful(given) == 1
