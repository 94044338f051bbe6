"""The small parts the pages are made of: terms in sentences, next questions, displays, languages, figures, search hits."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from ingest.model import Corpus
from ingest.terms import everyday_names
from server import errors
from server.answer_views import plain_text, view_answer
from server.answering.model import Answer, AnswerSentence, Citation, Place, Status
from server.answering.pipeline import Knowledge
from server.display import CHOICES, Display
from server.glossing import Glossary
from server.page_views import example_questions
from server.places import Places
from server.quality import FIGURES, last_evaluation
from server.rendering import WEB, english
from server.search_views import by_kind, hits
from server.suggestions import suggest

HAN = re.compile("[\u4e00-\u9fff]")


def _answer(status: Status = Status.ANSWERED, **values: Any) -> Answer:
    facts: dict[str, Any] = {
        "id": "a", "status": status, "question": "问", "resolved_question": "问", "mode": "extractive",
        "answer": "答。", "sentences": (), "citations": (), "related": (), "notice": None, "snapshot": "s", "timings_ms": {},
    }  # fmt: skip
    return Answer.model_validate(facts | values)


def _cited(places: Places, span: Any, marker: int = 1) -> Citation:
    return Citation(marker=marker, **places.place(span).model_dump())


def _sentence(text: str, *markers: int) -> AnswerSentence:
    return AnswerSentence(text=text, markers=markers, origin="quoted")


def _request(cookie: str = "") -> Request:
    headers = [(b"cookie", f"display={cookie}".encode())] if cookie else []
    return Request({"type": "http", "headers": headers})


def test_a_term_is_marked_where_it_is_named_first_and_no_word_is_lost(corpus: Corpus) -> None:
    term = next(t for t in corpus.terms if t.aliases and t.aliases[0] not in everyday_names(t))
    texts = [f"先说{term.aliases[0]}，再说{term.name}。", f"还是{term.name}。", "没有名词。"]
    glossed = Glossary.of(corpus).gloss(texts)
    assert ["".join(words for words, _ in cuts) for cuts in glossed] == texts
    assert [(words, t.id) for cuts in glossed for words, t in cuts if t] == [(term.aliases[0], term.id)]


def test_the_longest_name_wins_and_everyday_words_are_no_terms(corpus: Corpus) -> None:
    glossary = Glossary.of(corpus)
    for term in corpus.terms:
        ((*_, (words, found), _),) = glossary.gloss([f"所谓{term.name}。"])
        assert (words, found) == (term.name, term)
        for word in everyday_names(term):
            assert all(t is None or t.id != term.id for _, t in glossary.gloss([f"我们的{word}很好"])[0])


def test_a_report_without_terms_marks_nothing(corpus: Corpus) -> None:
    assert Glossary.of(replace(corpus, terms=())).gloss(["任何话"]) == [[("任何话", None)]]


def test_after_an_indicator_its_neighbours_are_suggested(corpus: Corpus) -> None:
    first, second = corpus.indicators[1:3]
    answer = _answer(citations=(_cited(Places(corpus), first.span),))
    suggested = suggest({corpus.report.id: corpus}, answer)
    assert second.name in suggested[0]
    assert len(suggested) == len(set(suggested)) <= 3
    assert suggest({corpus.report.id: corpus}, answer, asked=suggested[:1])[0] != suggested[0]


def test_after_a_sentence_its_terms_and_the_next_paragraph_are_suggested(corpus: Corpus) -> None:
    term = next(t for t in reversed(corpus.terms) if t.uses)
    unit = Places(corpus).unit_at(term.uses[0])
    sentence = _sentence(unit.span.of(corpus.report.text), 1)
    answer = _answer(sentences=(sentence,), citations=(_cited(Places(corpus), unit.span),))
    suggested = suggest({corpus.report.id: corpus}, answer)
    first = next(t for _, t in Glossary.of(corpus).gloss([sentence.text])[0] if t)
    assert suggested[0] == f"{first.name}是什么意思？"
    assert suggested[-1].endswith(("有哪些安排？", "做了哪些工作？"))


def test_the_choices_of_an_unclear_question_are_questions(corpus: Corpus) -> None:
    rows, places = corpus.indicators[3:5], Places(corpus)
    answer = _answer(Status.CLARIFY, related=tuple(places.place(row.span) for row in rows))
    suggested = suggest({corpus.report.id: corpus}, answer)
    assert [row.name in question for row, question in zip(rows, suggested, strict=True)] == [True, True]


@pytest.mark.parametrize("status", [Status.REALTIME, Status.NOT_IN_REPORT, Status.ANSWERED_GREETING])
def test_where_nothing_was_answered_it_shows_what_can_be(corpus: Corpus, status: Status) -> None:
    assert suggest({corpus.report.id: corpus}, _answer(status)) == example_questions(corpus)[::2]


@pytest.mark.parametrize("status", [Status.EMERGENCY, Status.PERSONAL, Status.INJECTION, Status.ERROR_INTERNAL])
def test_nothing_is_suggested_after_an_emergency_an_attack_or_an_error(corpus: Corpus, status: Status) -> None:
    assert suggest({corpus.report.id: corpus}, _answer(status)) == []


def test_copied_words_name_their_source_and_where_they_come_from(corpus: Corpus) -> None:
    row = corpus.indicators[0]
    answer = _answer(
        sentences=(
            _sentence(row.span.of(corpus.report.text), 1),
            AnswerSentence(text="写得很好。", markers=(), origin="generated"),
        ),
        citations=(_cited(Places(corpus), row.span),),
        notice="注意。",
    )
    view = view_answer({corpus.report.id: corpus}, answer)
    text = plain_text(view, {"quoted": "原文", "generated": "人工智能"}, "https://a.example/answers/a")
    assert "【原文】" + " ".join(row.span.of(corpus.report.text).split("\t")) + "[1]" in text
    assert "【人工智能】写得很好。" in text
    assert corpus.report.title in text
    assert text.endswith("https://a.example/answers/a")


def test_an_answer_about_a_report_that_is_gone_is_still_shown(corpus: Corpus) -> None:
    place = Places(corpus).place(corpus.passages[3].sentences[0].span)
    answer = _answer(sentences=(_sentence(place.quote, 1),), citations=(Citation(marker=1, **place.model_dump()),))
    view = view_answer({}, answer)
    assert [run.sentences[0].cuts for run in view.runs] == [((place.quote, None),)]
    assert view.sources[0].pieces[0].text == place.quote
    assert view.terms == ()


def test_a_display_survives_its_cookie_and_ignores_what_is_no_choice() -> None:
    chosen = Display().changed({"layout": "elder", "size": "huge", "theme": "dark", "origin": "x", "contrast": None})
    assert chosen == Display(layout="elder", theme="dark")
    assert Display.of(_request(chosen.cookie())) == chosen
    assert Display.of(_request("layout=%00&size&&theme=dark;")) == Display(theme="dark")
    assert Display().cookie() == ""


def test_text_grows_and_shrinks_by_steps_that_end() -> None:
    sizes = CHOICES["size"]
    assert [Display(size=size).neighbour(1) for size in sizes] == [*sizes[1:], sizes[-1]]
    assert [Display(size=size).neighbour(-1) for size in sizes] == [sizes[0], *sizes[:-1]]


def test_every_word_of_the_interface_has_an_english_one() -> None:
    templates = "\n".join(path.read_text(encoding="utf-8") for path in (WEB / "templates").glob("*.html"))
    said = {said for _, said in re.findall(r"_\(\s*(['\"])(.*?)\1\s*[,)]", templates)}
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (WEB.parent).glob("*.py")
        if path.stem.endswith(("pages", "conversation"))
    )
    said |= {words for words in re.findall(r"\"([^\"{}\n]*[。！？…])\"", code) if HAN.search(words)}
    said |= set(errors._MESSAGES.values()) | set(FIGURES.values())
    said -= {words for words in said if str(errors.QUESTION_LIMIT) in words}
    assert len(said) > 150
    assert sorted(words for words in said if HAN.search(words) and words not in english()) == []


def test_english_words_keep_the_places_for_values() -> None:
    for chinese, translated in english().items():
        assert sorted(re.findall(r"\{\w+\}", chinese)) == sorted(re.findall(r"\{\w+\}", translated)), chinese


@pytest.fixture
def run() -> dict[str, Any]:
    """One run's results as `planqa eval` writes them."""
    about = {"date": "2026-01-02T00:00:00+00:00", "commit": "c", "gold": "dev", "n": 9, "mode": "extractive"}
    return {"about": about | {"reports": {"r": "abc"}}, "scorecard": [{"name": "Strict", "value": 0.5}]}


def _write(path: Path, data: object) -> Path:
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_the_newest_evaluation_of_the_served_report_is_shown(tmp_path: Path, run: dict[str, Any]) -> None:
    newer = {**run, "about": run["about"] | {"date": "2026-02-02T00:00:00+00:00"}, "figures": {"Strict": 0.75, "x": 1}}
    other = {**newer, "about": newer["about"] | {"reports": {"other": "abc"}, "date": "2027-01-01T00:00:00+00:00"}}
    files = [_write(tmp_path / f"{i}.json", data) for i, data in enumerate((run, newer, other))]
    found = last_evaluation(files, {"r": "abcdef"})
    assert found is not None
    assert found.figures == {"Strict": 0.75}
    assert (found.date.month, found.questions) == (2, 9)
    first = last_evaluation(files[:1], {"r": "abcdef"})
    assert first is not None
    assert first.figures == {"Strict": 0.5}


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"about": {"reports": {}}}', '{"about": {"reports": {"r": "abc"}}}']
)
def test_a_file_that_is_no_evaluation_is_left_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")
    assert last_evaluation([tmp_path / "bad.json", tmp_path / "missing.json"], {"r": "abcdef"}) is None


def test_what_holds_the_words_comes_first_and_all_of_it(corpus: Corpus, knowledge: Knowledge) -> None:
    words = corpus.terms[5].name
    found = hits({corpus.report.id: corpus}, words, knowledge.snapshot.search.find(words))
    literal = [hit for hit in found if hit.is_literal]
    assert found[: len(literal)] == literal
    holding = sum(words in p.span.of(corpus.report.text) for p in (*corpus.passages, *corpus.terms, *corpus.indicators))
    assert len(literal) == holding > 0
    assert sum(by_kind(found).values()) == len(found)
    for hit in found:
        assert any(is_found for _, is_found in hit.cuts) or not hit.is_literal
        assert "".join(text for text, _ in hit.cuts) in corpus.report.text


@pytest.mark.parametrize("words", ["Ａ", "“”", "　", "%", "(", "2024"])
def test_odd_words_break_no_search(corpus: Corpus, knowledge: Knowledge, words: str) -> None:
    for hit in hits({corpus.report.id: corpus}, words, knowledge.snapshot.search.find(words)):
        assert isinstance(hit.place, Place)


def test_dark_looks_the_same_by_the_systems_choice_and_the_readers() -> None:
    style = (WEB / "static" / "app.css").read_text(encoding="utf-8")
    auto, chosen = (re.search(rf':root\[data-theme="{by}"\] {{([^}}]*)}}', style) for by in ("auto", "dark"))
    assert auto is not None
    assert chosen is not None
    assert auto[1].split() == chosen[1].split()
    assert "--ground" in auto[1]
