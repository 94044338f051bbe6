from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

from eval.fit_embedder import QUESTIONS, Encoded, Question, Report, batches, encoded, fit, fresh, open_report, scores
from index.embedded_file import Layer, Weights
from index.embedder import Embedding, HashEmbedder
from index.late import TokenIndex

WIDTH = 32
OTHERWISE = {"路": "街", "桥": "梁", "楼": "房", "园": "林", "修": "整", "拆": "除"}
ROWS = [first + second for first in "路桥楼园" for second in "修拆"]


@pytest.fixture
def bare() -> Weights:
    """A model of two layers with a token for each character and weights of chance."""
    drawn = torch.Generator().manual_seed(3)
    characters = sorted({*"query: passage", *OTHERWISE, *OTHERWISE.values()})
    known = {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, **{c: 4 + i for i, c in enumerate(characters)}}
    tokenizer = Tokenizer(models.WordLevel(known, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    tokenizer.enable_padding(pad_id=0, pad_token="<pad>")

    def both(outputs: int, inputs: int) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.randn(outputs, inputs, generator=drawn) / inputs**0.5, torch.zeros(outputs)

    norm = (torch.ones(WIDTH), torch.zeros(WIDTH))
    nibbles = np.random.default_rng(3).integers(0, 256, (len(known), 1, 16), dtype=np.uint8)
    scale = np.full((len(known), 1, 1), 0.2, np.float16).view(np.uint8)
    return Weights(
        tokenizer=tokenizer,
        vocabulary=np.concatenate([scale, nibbles], axis=-1),
        positions=torch.randn(64, WIDTH, generator=drawn) * 0.1,
        norm=norm,
        layers=tuple(
            Layer(
                mixed=both(3 * WIDTH, WIDTH),
                out=both(WIDTH, WIDTH),
                out_norm=norm,
                inner=both(4 * WIDTH, WIDTH),
                outer=both(WIDTH, 4 * WIDTH),
                outer_norm=norm,
            )
            for _ in range(2)
        ),
        heads=2,
        epsilon=1e-12,
    )


def _embedded(weights: Weights, texts: list[str], task: str) -> list[Embedding]:
    with torch.no_grad():
        made = encoded(weights, texts, task)
    nothing = np.zeros((0, 2), np.int32)
    return [
        Embedding(vector.numpy(), tokens[there].numpy(), np.zeros(0, np.int32), nothing)
        for tokens, there, vector in zip(made.tokens, made.there, made.vectors, strict=True)
    ]


def _report(bare: Weights) -> Report:
    """Questions that say what a row says in other words."""
    words = ["".join(OTHERWISE[c] for c in row) for row in ROWS]
    asked = zip(words, _embedded(bare, words, "query"), strict=True)
    ones = np.ones(2, np.float32)
    return Report(
        ROWS,
        _embedded(bare, ROWS, "document"),
        [Question(text, made, ones, frozenset({i}), (i ^ 1,)) for i, (text, made) in enumerate(asked)],
    )


def _shares_of_right(weights: Weights, report: Report) -> np.ndarray:
    with torch.no_grad():
        words = encoded(weights, [question.text for question in report.questions], "query")
        texts = encoded(weights, report.rows, "document")
        late = scores(words, words.there.float() / 2, texts)
    return (30 * late).softmax(1).diagonal().numpy()


def test_what_was_fitted_brings_other_words_nearer_to_the_row_that_answers(bare: Weights) -> None:
    report = _report(bare)
    fitted = fit(bare, [report] * 60, Console(quiet=True))
    before, after = _shares_of_right(bare, report), _shares_of_right(bare.adapted(fitted), report)
    assert after.mean() > before.mean() + 0.1
    assert (after > before).sum() >= 6


def test_a_fresh_adapter_adds_nothing(bare: Weights) -> None:
    adapted = bare.adapted(fresh(bare))
    for layer, same in zip(bare.layers, adapted.layers, strict=True):
        assert torch.equal(layer.mixed[0], same.mixed[0])
        assert torch.equal(layer.inner[0], same.inner[0])


def test_each_question_is_asked_once_beside_the_rows_that_answer_it() -> None:
    nothing = HashEmbedder().embed_query("")
    random = np.random.default_rng(1)
    rows = 90
    asked = [
        Question(str(i), nothing, np.zeros(0, np.float32), frozenset({i % rows}), tuple(random.integers(0, rows, 3)))
        for i in range(300)
    ]
    asked.append(Question("two rows", nothing, np.zeros(0, np.float32), frozenset({3, 4}), (5,)))
    report = Report([""] * rows, [nothing] * rows, asked)
    made = batches([report], random)
    assert sorted(question.text for _, batch, _ in made for question in batch) == sorted(one.text for one in asked)
    assert all(question.right <= set(rows) for _, batch, rows in made for question in batch)
    assert all(len(batch) <= QUESTIONS and len(rows) == len(set(rows)) for _, batch, rows in made)
    # The rows that a question is mistaken for come along: without them there is nothing to tell apart.
    assert np.mean([len({*question.confused} & set(rows)) for _, batch, rows in made for question in batch]) > 1


def test_scores_are_those_of_the_index(tmp_path: Path) -> None:
    embedder = HashEmbedder()
    texts = embedder.embed_documents(["新增停车位", "新建公园两座", "改造"])
    TokenIndex.write(tmp_path / "tokens", texts, 3)
    index = TokenIndex.load(tmp_path / "tokens")
    question = embedder.embed_query("公园新建了吗")
    asked = index.ask(question)
    shares = torch.from_numpy(asked.weights / asked.weights.sum())[None]
    most = max(len(text.tokens) for text in texts)
    tokens = torch.zeros(3, most, embedder.dimension)
    there = torch.zeros(3, most, dtype=torch.bool)
    for i, text in enumerate(texts):
        tokens[i, : len(text.tokens)], there[i, : len(text.tokens)] = torch.from_numpy(text.tokens), True
    words = torch.from_numpy(question.tokens)[None]
    made = scores(
        Encoded(words, torch.ones(1, len(question.tokens), dtype=torch.bool), torch.zeros(1, 1)),
        shares,
        Encoded(tokens, there, torch.zeros(3, 1)),
    )
    expected = [match.score for match in index.matches(asked, range(3))]
    assert made[0].numpy() == pytest.approx(expected, abs=2e-3)


def test_a_file_of_the_set_is_opened_with_the_rows_that_answer_and_those_taken_for_them(tmp_path: Path) -> None:
    lines = [
        {"part": 1, "chapter": "（一）城市更新", "paragraph": 1, "s": "改造老旧小区十二个。", "q": [{"v": "citizen", "t": "老小区改了几个"}]},
        {"part": 1, "chapter": "（一）城市更新", "paragraph": 2, "s": "新建公园两座。", "q": [{"v": "citizen", "t": "公园建了几座"}], "near": ["公园花了多少钱"]},
        {"part": 2, "chapter": "（一）城市更新", "paragraph": 3, "s": "再改造老旧小区八个。", "q": [{"v": "staff", "t": "老旧小区改造计划"}]},
    ]  # fmt: skip
    file = tmp_path / "x.jsonl"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    report = open_report(file, HashEmbedder())
    assert [question.text for question in report.questions] == ["老小区改了几个", "公园建了几座", "老旧小区改造计划"]
    for question, line in zip(report.questions, lines, strict=True):
        assert all(str(line["s"]) in report.rows[row] for row in question.right)
        assert question.right
        assert not question.right & {*question.confused}
        assert len(question.weights) == len(question.bare.tokens)
