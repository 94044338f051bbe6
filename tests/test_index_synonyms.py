from __future__ import annotations

from importlib.resources import files

from index.normalise import fold
from index.synonyms import everyday_words, expand, synonyms
from ingest.model import Corpus


def _groups() -> list[list[str]]:
    text = files("index").joinpath("synonyms.txt").read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


def test_every_line_of_the_lexicon_is_a_group_of_different_words() -> None:
    for group in _groups():
        assert len(group) > 1, group
        assert len({fold(word) for word in group}) == len(group), group
        assert all(fold(word) for word in group), group


def test_no_two_lines_of_the_lexicon_are_the_same_group() -> None:
    groups = [frozenset(map(fold, group)) for group in _groups()]
    assert len(groups) == len(set(groups))


def test_the_lexicon_holds_no_name_of_the_shipped_report(corpus: Corpus) -> None:
    words = {fold(word) for group in _groups() for word in group}
    assert not words & {fold(name) for term in corpus.terms for name in (term.name, *term.aliases)}
    assert not [word for word in words if fold(corpus.report.place) in word]


def test_words_of_a_group_are_each_others_synonyms() -> None:
    for group in _groups():
        first, second, *_ = (fold(word) for word in group)
        assert second in synonyms()[first]
        assert first in synonyms()[second]
    assert list(everyday_words()) == sorted(everyday_words(), key=len, reverse=True)
    assert all(word not in others for word, others in synonyms().items())


def test_a_question_is_expanded_by_administrative_words_and_keeps_its_own() -> None:
    expanded = expand("看病方便吗").split()
    assert expanded[0] == "看病方便吗"
    assert "就医" in expanded


def test_a_question_without_a_word_of_the_lexicon_stays_as_it_is() -> None:
    assert expand("甲乙丙") == "甲乙丙"
    assert expand("") == ""
