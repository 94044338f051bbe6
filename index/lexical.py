"""Chinese text → tokens → BM25."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
import rjieba
from numpy.typing import NDArray

from index.normalise import fold

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
    """BM25 (Lucene's variant) over tokenised texts; scores are 0 and up, higher is better."""

    def __init__(self, bm25: bm25s.BM25, tokenizer: Tokenizer) -> None:
        self._bm25 = bm25
        self.tokenizer = tokenizer

    @classmethod
    def build(cls, texts: Sequence[str], tokenizer: Tokenizer) -> LexicalIndex:
        """Index `texts` by row."""
        bm25 = bm25s.BM25(method="lucene", k1=1.2, b=0.6)
        bm25.index([tokenizer.tokens(text) for text in texts], show_progress=False)
        return cls(bm25, tokenizer)

    @classmethod
    def load(cls, folder: Path, tokenizer: Tokenizer | None = None) -> LexicalIndex:
        """Open what `save` wrote, memory-mapped; `tokenizer` is the one it was built with, made anew where not given."""
        if tokenizer is None:
            tokenizer = Tokenizer(json.loads((folder / "names.json").read_text(encoding="utf-8")))
        return cls(bm25s.BM25.load(str(folder), mmap=True), tokenizer)

    def save(self, folder: Path) -> None:
        """Write the index and the tokenizer's names into `folder`."""
        self._bm25.save(str(folder), show_progress=False)
        (folder / "names.json").write_text(json.dumps(self.tokenizer.names, ensure_ascii=False), encoding="utf-8")

    @property
    def rows(self) -> int:
        """How many texts are indexed."""
        return int(self._bm25.scores["num_docs"])

    def scores(self, query: str) -> NDArray[np.float32]:
        """The score of every row; shape (rows,)."""
        known = [token for token in dict.fromkeys(self.tokenizer.tokens(query)) if token in self._bm25.vocab_dict]
        if not known:
            return np.zeros(self.rows, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)
