"""Chinese text → tokens → BM25."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

import bm25s
import numpy as np
import rjieba
from numpy.typing import NDArray

from index.normalise import fold
from index.vectors import Hit, Rows

_WORD = re.compile(r"[\u3400-\u9fffa-z0-9]+(?:[.+-][\u3400-\u9fffa-z0-9]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_FUNCTION_WORDS = frozenset(
    [
        "的",
        "了",
        "和",
        "与",
        "及",
        "等",
        "在",
        "是",
        "为",
        "对",
        "把",
        "被",
        "将",
        "从",
        "向",
        "以",
        "于",
        "之",
        "其",
        "这",
        "那",
        "我",
        "你",
        "他",
        "们",
        "吗",
        "呢",
        "吧",
        "啊",
        "呀",
        "么",
        "也",
        "都",
        "就",
        "还",
    ]
)


class Tokenizer:
    """Words by rjieba with the report's own names in its dictionary, and character bigrams beside them.

    Bigrams find what the dictionary does not know: without them an unknown word is lost.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._jieba = rjieba.Jieba()
        self.names = tuple(sorted({fold(name) for name in names}))
        for name in self.names:
            if _HAN.search(name):
                self._jieba.add_word(name, self._jieba.suggest_freq(name), "nz")

    def tokens(self, text: str) -> list[str]:
        """Words and bigrams of `text`, in no promised order, with repeats."""
        folded = fold(text)
        found = self.words(folded)
        for run in _HAN.findall(folded):
            found += [run[i : i + 2] for i in range(len(run) - 1)]
        return found

    def words(self, text: str) -> list[str]:
        """The words of `text` in order, without punctuation and function words."""
        pieces = self._jieba.cut_for_search(fold(text))
        return [piece for piece in pieces if _WORD.fullmatch(piece) and piece not in _FUNCTION_WORDS]

    def cut(self, text: str) -> list[str]:
        """The words of `text` in order, each character in one word at most, without punctuation and function words."""
        pieces = self._jieba.cut(fold(text))
        return [piece for piece in pieces if _WORD.fullmatch(piece) and piece not in _FUNCTION_WORDS]

    def tags(self, text: str) -> list[tuple[str, str]]:
        """The words of `text` with their part of speech, in ICTCLAS letters (ns: place name)."""
        return list(self._jieba.tag(text))


class LexicalIndex:
    """BM25 (Lucene's variant) over tokenised texts; scores are above 0, higher is better.

    For each token the rows that hold it and what it adds to their scores lie in a file, of which a question reads no more
    than the parts of its own tokens.
    """

    def __init__(self, bm25: bm25s.BM25, tokenizer: Tokenizer) -> None:
        self._bm25 = bm25
        self.tokenizer = tokenizer

    @classmethod
    def build(cls, texts: Iterable[str], tokenizer: Tokenizer) -> LexicalIndex:
        """Index `texts` by row; what is kept of each meanwhile are the numbers of its tokens."""
        numbers: dict[str, int] = {}
        rows = [
            array("I", [numbers.setdefault(token, len(numbers)) for token in tokenizer.tokens(text)]) for text in texts
        ]
        bm25 = bm25s.BM25(method="lucene", k1=1.2, b=0.6)
        with np.errstate(invalid="ignore"):  # texts without a single word have no mean length
            bm25.index((rows, numbers or {"": 0}), show_progress=False)
        return cls(bm25, tokenizer)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what `save` wrote, memory-mapped."""
        names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        return cls(bm25s.BM25.load(str(folder), mmap=True), Tokenizer(names))

    def save(self, folder: Path) -> None:
        """Write the index and the tokenizer's names into `folder`."""
        self._bm25.save(str(folder), show_progress=False)
        (folder / "names.json").write_text(json.dumps(self.tokenizer.names, ensure_ascii=False), encoding="utf-8")

    @property
    def rows(self) -> int:
        """How many texts are indexed."""
        return int(self._bm25.scores["num_docs"])

    @property
    def tokens(self) -> int:
        """How many different tokens are known; they are numbered from 0."""
        return len(self._bm25.vocab_dict)

    def search(self, query: str, k: int, among: Rows | None = None) -> list[Hit]:
        """The `k` best rows with a score above zero, best first, equal ones in the order of the rows.

        :param among: the rows that count, ascending; all by default.
        """
        scores = self.scores(query)
        best = _best(scores, k) if among is None else among[_best(scores[among], k)]
        return [(int(row), float(scores[row])) for row in best]

    def scores(self, query: str) -> NDArray[np.float32]:
        """The score of every row; shape (rows,)."""
        scores = np.zeros(self.rows, dtype=np.float32)
        for number in self.numbers(query):
            rows, added = self._postings(number)
            scores[rows] += added
        return scores

    def numbers(self, query: str) -> list[int]:
        """The numbers of the query's tokens that stand in any row, each once."""
        known = self._bm25.vocab_dict
        return [known[token] for token in dict.fromkeys(self.tokenizer.tokens(query)) if token in known]

    def impacts(self) -> Iterator[dict[int, float]]:
        """For each row what each of its tokens, by number, adds to its score: the inner product with a query's is it."""
        ends, rows, added = (self._bm25.scores[name] for name in ("indptr", "indices", "data"))
        numbers = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        order = np.argsort(rows, kind="stable")
        borders = np.searchsorted(rows[order], np.arange(self.rows + 1))
        for row in range(self.rows):
            of_row = order[borders[row] : borders[row + 1]]
            yield dict(zip(numbers[of_row].tolist(), added[of_row].tolist(), strict=True))

    def _postings(self, number: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The rows that hold a token, and what it adds to the score of each."""
        ends = self._bm25.scores["indptr"]
        part = slice(ends[number], ends[number + 1])
        return self._bm25.scores["indices"][part], self._bm25.scores["data"][part]


def _best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The positions of the `k` highest scores above zero, highest first, equal ones in their order."""
    least = np.partition(scores, -k)[-k] if len(scores) > k else np.float32(0)
    found = np.flatnonzero((scores >= least) & (scores > 0))
    return found[np.argsort(-scores[found], kind="stable")[:k]]
