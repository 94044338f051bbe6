"""Sentences and their questions → what is added to the embedded model (`index/adapter.py`). Run `python -m eval.fit_embedder`.

A question shall be nearer to the sentence that answers it than to the others of its report, by its tokens (late
interaction) and by its vector, while no token goes far from where it was, so that what is not spoken of here keeps its
sense (docs/adr/0051). It learns from the half of the reading set that the reader does not learn from
(`eval/reading_set.py`). Afterwards the reader has to be fitted anew (`eval/fit_reader.py`), and then the ranking
(`eval/fit.py`).
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sqrt
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from eval.reading_set import FOR_VECTORS, questions, read_lines, report_text
from index.adapter import FILE, KINDS, Adapter
from index.embedded import PROMPTS, encode
from index.embedded_file import FILE as BARE
from index.embedded_file import Weights, read
from index.embedder import Embedder, Embedding, SentenceTransformerEmbedder
from index.entries import make_entries
from index.late import TokenIndex
from index.models import EMBEDDED_BARE
from ingest.corpus import ingest_file
from ingest.model import Span
from server.answering.clean import clean, simplify

RANK = 16
RATE, WARM_UP = 3e-4, 20
"""The highest learning rate, and the batches after which it is reached."""
ROWS, QUESTIONS = 24, 64
"""The most of a batch. All are of one report: rows, those that are taken for them, and questions on them."""
CONFUSED, ALIKE = 3, 4
"""Rows taken for the right one that come into the batch with a question, and questions that come with a row."""
DENSE, NEAR = 0.5, 1.0
"""What counts beside the order by late interaction (1): the order by the vectors, and how far the tokens went."""
DROPPED = 0.1
"""Share of a question's tokens left out at random."""
SHARPNESS = (60.0, 50.0)
"""What scores by tokens and by vectors are multiplied with at first, to be told apart; it is fitted too."""


@dataclass(frozen=True)
class Question:
    """A question, what its tokens weigh, the rows that answer it, and those that the bare model takes for them."""

    text: str
    bare: Embedding
    weights: NDArray[np.float32]
    right: frozenset[int]
    confused: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """The rows of a report as the index embeds them, what the bare model makes of them, and questions."""

    rows: list[str]
    bare: list[Embedding]
    questions: list[Question]


@dataclass(frozen=True)
class Encoded:
    """Texts: unit vectors of their tokens (texts, tokens, width), which of these count, and of the texts (texts, width)."""

    tokens: Tensor
    there: Tensor
    vectors: Tensor


def open_report(path: Path, embedder: Embedder) -> Report:
    """One file of the set, with the mistakes that `embedder` makes in it."""
    lines = read_lines(path)
    asked = [one for one in questions(lines) if one.is_answered]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{path.stem}.txt"
        file.write_text(report_text(lines), encoding="utf-8")
        corpus = ingest_file(file)
        entries = make_entries([corpus])
        rows = [entry.text for entry in entries]
        bare = embedder.embed_documents(rows)
        TokenIndex.write(Path(folder) / "tokens", bare, len(rows))
        index = TokenIndex.load(Path(folder) / "tokens")
        words = [simplify(clean(one.question)) for one in asked]
        made = []
        for text, one, embedding in zip(words, asked, embedder.embed_queries(words), strict=True):
            start = corpus.report.text.index(one.sentence)
            gold = Span(start, start + len(one.sentence))
            right = frozenset(row for row, entry in enumerate(entries) if entry.item.span.overlaps(gold))
            made.append(_question(index, text, embedding, right))
    return Report(rows, bare, made)


def _question(index: TokenIndex, text: str, embedding: Embedding, right: frozenset[int]) -> Question:
    asked = index.ask(embedding)
    scores = [match.score for match in index.matches(asked, range(index.rows))]
    wrong = [row for row in np.argsort(scores)[::-1].tolist() if row not in right]
    return Question(text, embedding, asked.weights, right, tuple(wrong[:CONFUSED]))


def fit(bare: Weights, reports: Sequence[Report], console: Console) -> Adapter:
    """The adapter, fitted in one pass over all questions."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    adapter = fresh(bare)
    fitted = [*adapter.down.values(), *adapter.up.values()]
    sharpness = nn.Parameter(torch.tensor(SHARPNESS).log())
    optimiser = torch.optim.AdamW(
        [{"params": fitted, "weight_decay": 0.01}, {"params": [sharpness], "lr": 5e-3, "weight_decay": 0.0}], lr=RATE
    )
    made = batches(reports, random)
    losses = []
    for number, (report, asked, rows) in enumerate(track(made, "fitting", console=console)):
        along = number / len(made)
        optimiser.param_groups[0]["lr"] = RATE * min(1, number / WARM_UP) * (0.05 + 0.95 * (1 + cos(pi * along)) / 2)
        loss = _loss(bare.adapted(adapter), report, asked, rows, sharpness.exp(), random)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(fitted, 1.0)
        optimiser.step()
        losses.append(loss.item())
    tenth = max(1, len(losses) // 10)
    console.print(f"loss {np.mean(losses[:tenth]):.3f} in the first tenth, {np.mean(losses[-tenth:]):.3f} in the last")
    return adapter


def fresh(bare: Weights) -> Adapter:
    """An adapter that adds nothing yet."""
    down, up = {}, {}
    for kind in KINDS:
        outputs, inputs = getattr(bare.layers[0], kind)[0].shape
        parts = 3 if kind == "mixed" else 1
        down[kind] = nn.Parameter(torch.randn(len(bare.layers), parts, RANK, inputs) / sqrt(inputs))
        up[kind] = nn.Parameter(torch.zeros(len(bare.layers), parts, outputs // parts, RANK))
    return Adapter(down, up)


def batches(reports: Sequence[Report], random: np.random.Generator) -> list[tuple[Report, list[Question], list[int]]]:
    """Every question once: from one to the rows it is mistaken for, and on to the questions on these."""
    made = [(report, *batch) for report in reports for batch in _batches_of(report, random)]
    return [made[i] for i in random.permutation(len(made))]


def _batches_of(report: Report, random: np.random.Generator) -> Iterator[tuple[list[Question], list[int]]]:
    on_row = defaultdict(list)
    for number, question in enumerate(report.questions):
        on_row[min(question.right)].append(number)
    order: list[int] = random.permutation(len(report.questions)).tolist()
    left = dict.fromkeys(order)
    while left:
        asked: list[int] = []
        rows: dict[int, None] = {}
        queue: list[int] = []
        while len(asked) < QUESTIONS and (queue or (left and len(rows) < ROWS)):
            number = queue.pop(0) if queue else next(iter(left))
            question = report.questions[number]
            if number not in left or (len(rows) >= ROWS and not question.right & rows.keys()):
                continue
            del left[number]
            asked.append(number)
            for row in (*question.right, *question.confused):
                if row in question.right or (row not in rows and len(rows) < ROWS):
                    rows[row] = None
                    queue += [other for other in on_row[row] if other in left][:ALIKE]
        yield [report.questions[i] for i in asked], list(rows)


def _loss(
    weights: Weights,
    report: Report,
    asked: Sequence[Question],
    rows: Sequence[int],
    sharpness: Tensor,
    random: np.random.Generator,
) -> Tensor:
    """How far the rows that answer are from being the first, and the tokens from where they were."""
    texts = encoded(weights, [report.rows[row] for row in rows], "document")
    words = encoded(weights, [question.text for question in asked], "query")
    right = torch.tensor([[row in question.right for row in rows] for question in asked])
    late = scores(words, _shares(asked, words.there, random), texts)
    by_tokens = _order(late * sharpness[0], right)
    by_vectors = _order(words.vectors @ texts.vectors.T * sharpness[1], right)
    gone = _gone(words, [question.bare for question in asked]) + _gone(texts, [report.bare[row] for row in rows])
    return by_tokens + DENSE * by_vectors + NEAR * gone / 2


def encoded(weights: Weights, texts: Sequence[str], task: str) -> Encoded:
    """The texts as the index keeps them (`index/embedder.py`); computed in half precision where that is faster."""
    prompt = PROMPTS[task]
    made = weights.tokenizer.encode_batch([prompt + text for text in texts])
    mask = torch.tensor([one.attention_mask for one in made])
    spans = torch.tensor([one.offsets for one in made])
    there = (mask > 0) & (spans[..., 1] > spans[..., 0]) & (spans[..., 1] > len(prompt))
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        tokens, vectors = encode(weights, weights.words(np.array([one.ids for one in made])), mask.float())
    return Encoded(functional.normalize(tokens.float(), dim=-1), there, functional.normalize(vectors.float(), dim=-1))


def _shares(asked: Sequence[Question], there: Tensor, random: np.random.Generator) -> Tensor:
    """What each token of each question counts, in all 1; some count nothing."""
    weights = torch.zeros(there.shape)
    weights[there] = torch.from_numpy(np.concatenate([question.weights for question in asked]))
    kept = weights * torch.from_numpy(random.random(there.shape) > DROPPED)
    weights = torch.where(kept.sum(1, keepdim=True) > 0, kept, weights)
    return weights / weights.sum(1, keepdim=True).clamp(min=1e-6)


def scores(words: Encoded, shares: Tensor, texts: Encoded) -> Tensor:
    """Late interaction of questions with texts, shape (questions, texts); see `index/late.py`."""
    similar = torch.einsum("qid,rjd->qrij", words.tokens, texts.tokens)
    met = similar.masked_fill(~texts.there[None, :, None], -1).amax(-1)
    return (met * shares[:, None]).sum(-1)


def _order(scores: Tensor, right: Tensor) -> Tensor:
    """Cross entropy of the right ones among all, the mean over the questions."""
    return -scores.log_softmax(1).masked_fill(~right, -torch.inf).logsumexp(1).mean()


def _gone(now: Encoded, bare: Sequence[Embedding]) -> Tensor:
    """One less the cosine of the tokens with what the bare model makes of them, the mean over all."""
    before = torch.from_numpy(np.concatenate([embedding.tokens for embedding in bare]))
    return 1 - (now.tokens[now.there] * before).sum(-1).mean()


def main() -> None:
    """Fit on the files and write the adapter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=FOR_VECTORS)
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args()
    console, embedder = Console(stderr=True), SentenceTransformerEmbedder(EMBEDDED_BARE)
    reports = []
    for path in options.files:
        reports.append(open_report(path, embedder))
        console.print(f"{path.name}: {len(reports[-1].rows)} rows, {len(reports[-1].questions)} questions")
    fit(read(BARE), reports, console).write(options.out)
    console.print(f"wrote {options.out}; now fit the reader and the ranking anew")


if __name__ == "__main__":
    main()
