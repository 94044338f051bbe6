"""Gold questions → the weights of `server/answering/ranking.py`. Run `python -m eval.fit`; it never reads a test split.

Ranking: logistic regression of 'these are the gold words' on a candidate's features, every question counting the same.
Trust: logistic regression of 'the first candidate is right', where wrong ones come from questions that are not
answerable, from questions whose evidence was taken away, and from mistakes of the ranking (made on folds that the
ranking was not fitted on).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from eval.gold_set import GoldItem, load_gold
from eval.open import open_knowledge, report_file
from index.embedder import SentenceTransformerEmbedder
from index.years import years_in
from ingest.model import Span
from server.answering.candidates import FEATURES, Candidate, candidates
from server.answering.clean import clean, simplify
from server.answering.followup import resolve
from server.answering.pipeline import Knowledge
from server.answering.questions import Query, understand
from server.answering.ranking import TRUST_FEATURES, Weights, rank, trust_features
from server.answering.scope import out_of_scope

SAME = 0.7
"""Least character F1 of a candidate with a gold span to count as those words."""
FOLDS = 5
SHOWN = 10
"""How many rows the answering looks at, as in `Search.find`."""
NEAR_MISS, ABLATED = 1.0, 0.3
"""What a question without an answer counts, and one whose evidence was taken away, which is easier to tell."""
THRESHOLD = 0.1
OPEN = sorted(path for path in (Path(__file__).parent / "gold").glob("*.jsonl") if not path.stem.startswith("test"))
"""The questions that may be tuned on."""
OUT = Path(__file__).parent.parent / "server/answering/weights.json"


@dataclass(frozen=True)
class Sample:
    """One question with its candidates; `right[i]` says how much candidate i is the gold words (F1).

    `ablated` are the candidates that would be there if the report did not say it.
    """

    item: GoldItem
    query: Query
    found: list[Candidate]
    right: list[float]
    ablated: list[Candidate]


def samples(knowledge: Knowledge, items: Sequence[GoldItem], noisy: bool) -> Iterator[Sample]:
    """Every question that reaches the search, and where `noisy` its variants written by people too."""
    for item in items:
        texts = [item.question]
        if noisy:
            texts += [v.text for v in item.variants if v.family in ("paraphrase", "colloquial", "keyword")]
        for text in texts:
            question = resolve(simplify(clean(text)), item.history, knowledge.snapshot.search.names)
            if out_of_scope(question) is None:
                yield _sample(knowledge, item, question)


def _sample(knowledge: Knowledge, item: GoldItem, question: str) -> Sample:
    search, report = knowledge.snapshot.search, knowledge.snapshot.corpora[item.report].report
    query = understand(question, report, search.lexical.tokenizer, knowledge.rarity)
    wide = search.find(question, years_in(question, report), 2 * SHOWN)
    found = candidates(query, replace(wide, evidence=wide.evidence[:SHOWN]))
    others = tuple(e for e in wide.evidence if not _is_evidence(item, e.entry.item.span))[:SHOWN]
    kept = {e.row for e in others}
    without = replace(wide, evidence=others, names=tuple(hit for hit in wide.names if hit.row in kept))
    gold = item.required
    right = [max((_f1(c.source.span, g) for g in gold), default=0.0) for c in found]
    return Sample(item, query, found, right, candidates(query, without) if gold else [])


def fit_rank(data: Sequence[Sample], strength: float) -> dict[str, float]:
    """The ranking weights; `strength` is the inverse of the regularisation."""
    rows, labels, weights = [], [], []
    for sample in data:
        good = [right >= SAME for right in sample.right]
        if not any(good) or all(good):
            continue
        for candidate, is_good in zip(sample.found, good, strict=True):
            rows.append(candidate.features)
            labels.append(is_good)
            weights.append(1 / (sum(good) if is_good else len(good) - sum(good)))
    model = LogisticRegression(C=strength, max_iter=5000).fit(rows, labels, sample_weight=weights)
    return dict(zip(FEATURES, (round(float(w), 4) for w in model.coef_[0]), strict=True))


def hits(sample: Sample, candidate: Candidate) -> bool:
    """Whether a candidate would be scored as the right evidence: it holds half of a gold span's characters."""
    span = candidate.source.span
    return any(min(span.end, g.end) - max(span.start, g.start) >= 0.5 * (g.end - g.start) for g in sample.item.required)


def fit_trust(data: Sequence[Sample], folds: Sequence[Weights]) -> tuple[dict[str, float], float]:
    """The trust weights and bias, from rankings that were fitted without the question at hand."""
    rows, labels, counts = [], [], []
    for sample in data:
        weights = folds[_fold(sample.item)]
        ranked = rank(sample.found, weights)
        if ranked:
            rows.append(list(trust_features(sample.query, ranked).values()))
            labels.append(bool(sample.item.evidence_sets) and hits(sample, ranked[0].candidate))
            counts.append(1.0 if sample.item.evidence_sets else NEAR_MISS)
        ablated = rank(sample.ablated, weights)
        if ablated:
            rows.append(list(trust_features(sample.query, ablated).values()))
            labels.append(False)
            counts.append(ABLATED)
    scale = np.std(rows, axis=0) + 1e-6
    model = LogisticRegression(C=0.3, max_iter=5000).fit(np.array(rows) / scale, labels, sample_weight=counts)
    weights_of = (round(float(w / s), 4) for w, s in zip(model.coef_[0], scale, strict=True))
    return dict(zip(TRUST_FEATURES, weights_of, strict=True)), round(float(model.intercept_[0]), 4)


def fit(data: Sequence[Sample], strength: float) -> tuple[Weights, list[Weights]]:
    """The weights from all data, and for each fold those fitted without it (for honest figures)."""
    folds = []
    for fold in range(FOLDS):
        kept = [sample for sample in data if _fold(sample.item) != fold]
        folds.append(Weights(fit_rank(kept, strength), {}, 0.0, THRESHOLD))
    trust, bias = fit_trust(data, folds)
    return Weights(fit_rank(data, strength), trust, bias, THRESHOLD), folds


def _fold(item: GoldItem) -> int:
    return int(sha256(item.group.encode()).hexdigest(), 16) % FOLDS


def _is_evidence(item: GoldItem, span: Span) -> bool:
    return any(span.overlaps(accepted) for accepted in item.accepted)


def _f1(found: Span, gold: Span) -> float:
    shared = max(0, min(found.end, gold.end) - max(found.start, gold.start))
    return 2 * shared / (found.end - found.start + gold.end - gold.start)


def main() -> None:
    """Fit, write the weights, print the figures of the folds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", nargs="*", type=Path, default=OPEN, help="gold files; all that are open")
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    data: list[Sample] = []
    embedder = SentenceTransformerEmbedder()
    for gold in options.gold:
        items = [item for item in load_gold(gold) if item.split == "dev"]
        knowledge = open_knowledge(report_file(items[0].report), embedder=embedder)
        data += samples(knowledge, items, noisy=True)
    weights, folds = fit(data, options.strength)
    document = {"rank": weights.rank, "trust": weights.trust, "trust_bias": weights.trust_bias, "threshold": THRESHOLD}
    options.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    asked = [sample for sample in data if sample.item.evidence_sets]
    firsts = [rank(sample.found, folds[_fold(sample.item)]) for sample in asked]
    right = [bool(ranked) and hits(sample, ranked[0].candidate) for sample, ranked in zip(asked, firsts, strict=True)]
    print(f"{len(data)} questions; first candidate right {sum(right)}/{len(right)} on held-out folds")


if __name__ == "__main__":
    main()
