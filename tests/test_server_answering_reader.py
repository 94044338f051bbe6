from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from eval.fit_reader import Example, Network, fit
from eval.reading_set import FOLDER, questions, read_lines, report_text
from index import adapter
from index.adapter import digest
from index.late import Asked
from index.models import EMBEDDED_MODEL
from server.answering.reader import Reader, Text, fitted_reader

DIMENSION = 24


def _vectors(seed: int, tokens: int, dimension: int = DIMENSION) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(tokens, dimension)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def _texts(reader: Reader, sentences: Sequence[np.ndarray]) -> list[Text]:
    return [reader.text(vectors) for vectors in sentences]


def _asked(vectors: np.ndarray) -> Asked:
    return Asked(vectors, np.linspace(1, 3, len(vectors), dtype=np.float32), np.zeros((len(vectors), 2), np.int32))


def test_the_reader_computes_what_the_fitted_network_does() -> None:
    torch.manual_seed(1)
    network = Network(DIMENSION).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    network.temp.data.fill_(25.0)
    asked, sentences = _asked(_vectors(0, 5)), [_vectors(1, 7), _vectors(2, 4), _vectors(3, 9)]
    texts, there = torch.zeros(1, 3, 9, DIMENSION), torch.zeros(1, 3, 9, dtype=torch.bool)
    for i, sentence in enumerate(sentences):
        texts[0, i, : len(sentence)], there[0, i, : len(sentence)] = torch.tensor(sentence), True
    with torch.no_grad():
        expected = network(torch.tensor(asked.vectors)[None], torch.tensor(asked.weights)[None], texts, there)[0]
    reader = Reader("model", {name: value.numpy() for name, value in network.state_dict().items()})
    assert reader.read(asked, _texts(reader, sentences)) == pytest.approx(expected.numpy(), rel=1e-3, abs=1e-3)


def test_the_reader_that_ships_was_fitted_on_the_vectors_that_ship() -> None:
    assert fitted_reader().model == f"{EMBEDDED_MODEL}@{digest(adapter.FILE)}"


def test_without_sentences_or_tokens_nothing_is_read() -> None:
    reader = fitted_reader()
    assert reader.read(_asked(_vectors(0, 3, 384)), []).size == 0
    assert reader.read(_asked(np.zeros((0, 384), np.float32)), _texts(reader, [_vectors(1, 3, 384)])).tolist() == [0]


def test_fitting_puts_the_sentence_that_answers_first() -> None:
    examples = []
    for seed in range(60):
        vectors = _vectors(seed, 4)
        others = [_vectors(1_000 + 3 * seed + i, 6) for i in range(3)]
        place = seed % 4
        examples.append(
            Example(
                vectors,
                np.ones(4, np.float32),
                [*others[:place], np.concatenate([vectors, _vectors(seed + 500, 2)]), *others[place:]],
                [i == place for i in range(4)],
            )
        )
    network = fit(examples, Console(quiet=True))
    reader = Reader("model", {name: value.numpy() for name, value in network.eval().state_dict().items()})
    first = [
        int(np.argmax(reader.read(_asked(example.vectors), _texts(reader, example.sentences)))) for example in examples
    ]
    assert [example.right[i] for example, i in zip(examples, first, strict=True)].count(True) >= 55


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_what_the_reader_learns_from_is_a_report_with_questions_on_its_sentences(path: Path) -> None:
    lines = read_lines(path)
    text = report_text(lines)
    asked = list(questions(lines))
    assert all(line["s"] in text for line in lines)
    assert len({line["s"] for line in lines}) == len(lines) >= 240
    assert sum(question.is_answered for question in asked) > 700
    assert sum(not question.is_answered for question in asked) > 100
