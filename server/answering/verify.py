"""Nothing is shown that its citations do not say."""

from __future__ import annotations

from index.normalise import fold
from server.answering.draft import Draft, DraftSentence
from server.answering.numbers import digit_runs


def verify(draft: Draft) -> Draft:
    """The draft with only the sentences that hold.

    Quoted words must be the source's own; every number must stand in a source, but for a computed sentence, whose
    result is worked out from numbers that do, and for the count that opens a list.
    """
    kept = tuple(sentence for sentence in draft.sentences if holds(sentence))
    return draft if len(kept) == len(draft.sentences) else _without(draft, kept)


def holds(sentence: DraftSentence) -> bool:
    """Whether the sources say this sentence."""
    if not sentence.sources:
        return False
    said = fold(" ".join(source.text for source in sentence.sources))
    if sentence.origin == "quoted":
        return fold(sentence.text).rstrip("。") in said
    if sentence.origin == "computed":
        return True
    return digit_runs(fold(sentence.text)) <= digit_runs(said)


def _without(draft: Draft, kept: tuple[DraftSentence, ...]) -> Draft:
    from dataclasses import replace

    return replace(draft, sentences=kept)
