"""Sentences and their questions → the weights of `server/answering/reader.py`. Run `python -m eval.fit_reader`.

The network is that of the reader, in torch. It learns to put the sentence that answers above the others that retrieval
finds beside it, and to call none of them an answer where the question is answered nowhere. The files it learns from are
about reports of their own (`eval/reading_set.py`); no question that measures the answers is among them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor, nn
from torch.nn import functional

from eval.open import open_knowledge
from eval.reading_set import FOR_READER, Asked, questions, read_lines, report_text
from index.embedder import Embedder, SentenceTransformerEmbedder, Vectors
from ingest.model import Span
from server.answering.clean import clean, simplify
from server.answering.reader import LONGEST, MODEL
from server.answering.reading import READ, nearest_units

OUT = Path(__file__).parent.parent / "server/answering/reader.npz"
WIDTH, BEND, HEADS = 64, 24, 4
RATES = (1e-3, 6e-4, 2.5e-4)
"""The learning rate of each pass over the questions."""
BATCH = 16
DROPPED = 0.1
"""Share of the tokens left out at random while learning."""
_IS_BEST, _IS_RIGHT, _NONE_IS = 0.7, 0.15, 0.1
"""What counts beside the best candidate of a question without an answer (1): the order, the others, and all of such a one."""


@dataclass(frozen=True)
class Example:
    """A question's tokens with their weights, the sentences found for it, and which of them answer."""

    vectors: Vectors
    weights: Vectors
    sentences: list[NDArray[np.float16]]
    right: list[bool]


class Network(nn.Module):
    """The reader's network; see `server.answering.reader.Reader`."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.A, self.B = nn.Parameter(torch.zeros(dimension, BEND)), nn.Parameter(torch.randn(BEND, dimension) * 0.05)
        self.C, self.E = nn.Parameter(torch.zeros(dimension, BEND)), nn.Parameter(torch.randn(BEND, dimension) * 0.05)
        self.temp = nn.Parameter(torch.tensor(25.0))
        self.fq, self.fa, self.fp = (nn.Linear(dimension, WIDTH) for _ in range(3))
        self.inn = nn.Linear(3 * WIDTH + 4, WIDTH)
        self.enc = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, 0.3, batch_first=True, norm_first=True)
        self.w, self.o, self.fin = nn.Linear(WIDTH, 1), nn.Linear(WIDTH, 1), nn.Linear(3, 1)
        self.drop = nn.Dropout(0.3)
        with torch.no_grad():
            self.fin.weight[:] = torch.tensor([[1.0, 30.0, 0.0]])
            self.fin.bias[:] = -25.0

    def forward(self, asked: Tensor, weights: Tensor, texts: Tensor, there: Tensor) -> Tensor:
        """Logits (questions, sentences) of `asked` (questions, tokens, d) and `texts` (questions, sentences, tokens, d)."""
        count, found = texts.shape[:2]
        is_token = weights > 0
        question = functional.normalize(asked + (self.drop(asked) @ self.A) @ self.B, dim=-1)
        texts = functional.normalize(texts + (texts @ self.C) @ self.E, dim=-1)
        similar = torch.einsum("bqd,bknd->bkqn", question, texts).masked_fill(~there[:, :, None], -1)
        met = similar.max(-1).values
        looked = torch.einsum("bkqn,bknd->bkqd", torch.softmax(self.temp * similar, -1), texts)
        own = question[:, None].expand_as(looked)
        share = (weights / weights.sum(1, keepdim=True).clamp(min=1e-6))[:, None].expand_as(met)
        numbers = [4 * (met - 0.8), weights[:, None].expand_as(met) / 4, 4 * (met - met.max(1, keepdim=True).values)]
        said = [self.fq(self.drop(own)), self.fa(self.drop(looked)), self.fp(self.drop(own * looked * 19.6))]
        state = functional.gelu(self.inn(torch.cat([*said, torch.stack([*numbers, share * 10], -1)], -1)))
        mask = is_token[:, None].expand(count, found, -1).reshape(count * found, -1)
        state = self.enc(state.flatten(0, 1), src_key_padding_mask=~mask)
        heavy = torch.softmax(self.w(state)[..., 0].masked_fill(~mask, -1e4), -1)
        answered = (heavy * self.o(state)[..., 0]).sum(-1).reshape(count, found)
        late = (share * met).sum(-1)
        logits: Tensor = self.fin(torch.stack([answered, late, late - late.max(1, keepdim=True).values], -1))[..., 0]
        return logits


def examples(path: Path, embedder: Embedder, folder: Path) -> list[Example]:
    """The questions of one file, with what is found for them in its report."""
    lines = read_lines(path)
    report = folder / f"{path.stem}.txt"
    report.write_text(report_text(lines), encoding="utf-8")
    knowledge = open_knowledge(report, embedder=embedder)
    text = knowledge.snapshot.default.report.text
    made = (_example(knowledge.snapshot.search, asked, text) for asked in questions(lines))
    return [example for example in made if example]


def _example(search: Any, asked: Asked, text: str) -> Example | None:
    """None where no row that holds the sentence is found."""
    found = search.find(simplify(clean(asked.question)), k=2 * READ)
    start = text.index(asked.sentence)
    gold = Span(start, start + len(asked.sentence))
    units = nearest_units(found, len(found.evidence) * READ)
    right = [unit for unit in units if asked.is_answered and unit[1].overlaps(gold)]
    if asked.is_answered and not right:
        return None
    kept = list(units)[:READ]
    if right and not set(right) & set(kept):
        kept[-1] = right[0]
    weights = found.asked.weights[:LONGEST]
    return Example(
        found.asked.vectors[:LONGEST],
        weights,
        [_halved(units[unit].vectors) for unit in kept],
        [unit in right for unit in kept],
    )


def _halved(vectors: Vectors) -> NDArray[np.float16]:
    """In half precision, as they are kept: those of all examples are in memory at once."""
    return vectors.astype(np.float16)


def fit(data: Sequence[Example], console: Console) -> Network:
    """The network, fitted on all examples."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    network = Network(data[0].vectors.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATES[0], weight_decay=0.05)
    for number, rate in enumerate(RATES, 1):
        for group in optimiser.param_groups:
            group["lr"] = rate
        losses = []
        for batch in _batches(data, random):
            loss = _loss(network(*_tensors(batch, random)), batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            losses.append(loss.item())
        console.print(f"pass {number} of {len(RATES)}: loss {np.mean(losses):.3f}")
    return network


def _batches(data: Sequence[Example], random: np.random.Generator) -> Iterator[list[Example]]:
    """All examples in an order of chance."""
    order = random.permutation(len(data))
    for start in range(0, len(order), BATCH):
        yield [data[i] for i in order[start : start + BATCH]]


def _tensors(batch: Sequence[Example], random: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The batch in four arrays, some tokens left out."""
    most = max(len(example.sentences) for example in batch)
    longest = max(len(sentence) for example in batch for sentence in example.sentences)
    asked_longest = max(len(example.vectors) for example in batch)
    dimension = batch[0].vectors.shape[1]
    asked = np.zeros((len(batch), asked_longest, dimension), dtype=np.float32)
    weights = np.zeros((len(batch), asked_longest), dtype=np.float32)
    texts = np.zeros((len(batch), most, longest, dimension), dtype=np.float32)
    there = np.zeros((len(batch), most, longest), dtype=bool)
    for i, example in enumerate(batch):
        tokens = len(example.vectors)
        asked[i, :tokens] = example.vectors
        kept = random.random(tokens) > DROPPED
        weights[i, :tokens] = example.weights * (kept if kept.any() else 1)
        for j, sentence in enumerate(example.sentences):
            texts[i, j, : len(sentence)] = sentence
            there[i, j, : len(sentence)] = random.random(len(sentence)) > DROPPED
    return torch.from_numpy(asked), torch.from_numpy(weights), torch.from_numpy(texts), torch.from_numpy(there)


def _loss(logits: Tensor, batch: Sequence[Example]) -> Tensor:
    """The order of the sentences, whether each answers, and that none does where the question is answered nowhere."""
    right = torch.zeros_like(logits)
    is_there = torch.zeros_like(logits)
    for i, example in enumerate(batch):
        right[i, : len(example.right)] = torch.tensor(example.right, dtype=torch.float32)
        is_there[i, : len(example.right)] = 1
    logits = logits.masked_fill(is_there == 0, -30.0)
    answered = right.sum(1) > 0
    weights = torch.where(right > 0, 1.0, _IS_RIGHT) * is_there
    weights[~answered] = _NONE_IS * is_there[~answered]
    each = functional.binary_cross_entropy_with_logits(logits, right, reduction="none")
    loss = (each * weights).sum() + functional.softplus(logits[~answered].max(1).values).sum()
    if answered.any():
        order = functional.log_softmax(logits[answered], 1).masked_fill(right[answered] == 0, -1e4)
        loss = loss - _IS_BEST * torch.logsumexp(order, 1).sum()
    return loss / len(batch)


def save(network: Network, model: str, path: Path) -> None:
    """Write the weights in half precision, with the name of the embedding model."""
    weights: dict[str, Any] = {name: value.numpy().astype(np.float16) for name, value in network.state_dict().items()}
    weights[MODEL] = np.array(model)
    np.savez_compressed(path, allow_pickle=False, **weights)


def main() -> None:
    """Fit on the files and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=FOR_READER)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    console, embedder = Console(stderr=True), SentenceTransformerEmbedder()
    data: list[Example] = []
    with tempfile.TemporaryDirectory() as folder:
        for path in options.files:
            data += examples(path, embedder, Path(folder))
            console.print(f"{path.name}: {len(data)} questions so far")
    save(fit(data, console), embedder.model, options.out)


if __name__ == "__main__":
    main()
