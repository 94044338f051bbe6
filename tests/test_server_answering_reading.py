from __future__ import annotations

from dataclasses import replace

from server.answering.pipeline import Knowledge
from server.answering.reading import READ, UNREAD, nearest_units, read_sentences


def test_sentences_are_not_read_with_vectors_of_another_model(knowledge: Knowledge) -> None:
    found = knowledge.snapshot.search.find("登记失业率")
    logits = read_sentences(found)
    assert set(logits.values()) == {UNREAD}
    assert len(logits) >= len(found.evidence)


def test_the_nearest_sentences_are_read(knowledge: Knowledge) -> None:
    found = knowledge.snapshot.search.find("登记失业率是多少")
    nearest = nearest_units(found, READ)
    assert 1 < len(nearest) <= READ
    row, span = next(iter(nearest))
    entry = next(evidence.entry for evidence in found.evidence if evidence.row == row)
    assert "登记失业率" in span.of(entry.corpus.report.text)
    assert read_sentences(replace(found, evidence=())) == {}
