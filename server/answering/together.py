"""Whether what a clause of a sentence puts together is put together in the words it cites.

A clause takes its words from one clause of them; before these may stand the subject that this one leaves to a clause
before it. So of 甲新建4家，乙改造3家 neither 乙新建4家 nor 新建3家 holds, and of 甲向乙转让 not 乙向甲转让.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from index.normalise import fold
from server.answering.amounts import DIRECTION
from server.answering.doings import Tagger, alike, is_light, stretches
from server.answering.wording import CLAUSE_END, is_glue

_SENTENCE_END = "。！？!?\n|"
_SUBJECT_END = _SENTENCE_END + "；;"
"""Marks that a subject does not reach across."""
_TOPIC = re.compile(r"(?:方面|领域|期间|过程中)$")
_JOINING = ("p", "c", "u", "x", "y", "e", "o", "h", "k", "m", "q", "r")
_BEFORE_SUBJECT = ("d", "c", "u", "t")
_LEFT_TO_OTHERS = ("v", "a", "p", "i", "l")
"""A clause that begins with such a word has the subject of the clause before."""
_QUALIFIERS = re.compile(
    r"新(?=[增建设开立添])|累计|(?<!\d)(?:\d{1,2}|[一二两三四五六七八九十]{1,2})年(?!级)|平均|[人户年月日]均|每[\u4e00-\u9fff]{1,2}|^其中|^除|(?:19|20)\d{2}年?[-–—―~～至到](?:19|20)\d{2}年?"
)
"""What changes the meaning of an amount behind it, and may not be left out."""
_FRAMES = re.compile(
    r"争取|争创|申报|探索|研究|筹备|谋划|支持|鼓励|引导|要求|允许|延期|推迟|暂缓|启动|前期|基本|初步|部分|逾期|可能|有望|"
    r"未(?!来)|不(?![断仅同止低少小超高多大])|没有|禁止"
)
"""What makes less of all that follows it in its clause, or turns it round, and may not be left out."""
_DONE = re.compile(r"已|了(?!解)|成功|顺利|圆满")
_UNDONE = re.compile(rf"{_FRAMES.pattern}|推动|推进|加快|促进|力争|力求|确保|拟")
"""What a sentence that tells of something done may not leave out either."""
_TIED = re.compile(r"^(?:因(?!此|而)|由于|如果|若|凡|除|经过?)|(?:后|下|的)$")
"""A part that says why or when, and goes with the one that follows it."""
_MAY_STAND_FOR = {"累计": "共"}
_MEASURED_BY = re.compile(r"(?:[高低优好快慢多少大小强]于|超过?|达到|完成|实现|符合|不及)$")
"""Behind these also 预期, 目标 and 计划 say something."""
_EXCEPT = re.compile(r"^除(?!了|此).*外$")
_NARROWING = ("n", "b", "an", "j", "vn")

Position = tuple[int, int]
"""The number of a statement, and a position in its text."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, amount, date or code of a sentence, and where it stands.

    `places` is where its like stands in the cited words; None: wherever the word is found.
    """

    text: str
    kind: str
    start: int
    places: tuple[Position, ...] | None = None


@dataclass(frozen=True)
class Clause:
    """A clause of a cited statement; `subject` is where the clause begins that names its subject, None where none does."""

    statement: int
    start: int
    text: str
    subject: Position | None
    topic: str
    """The headings above it, and what stands before a colon."""
    carried: str
    """The words from its subject up to it."""
    carried_start: int
    tag: Tagger
    is_excepted: bool
    """Whether the clause before makes an exception of it."""

    @cached_property
    def words(self) -> list[Piece]:
        """Its words that say something."""
        return list(words(self.text, self.tag))

    @property
    def names_subject(self) -> bool:
        """Whether it may name its subject itself."""
        return self.subject == (self.statement, self.start)

    def holds(self, piece: Piece) -> bool:
        """Whether it says the piece."""
        if piece.places is None:
            return any(word in fold(self.text) for word in map(fold, alike(piece.text)))
        end = self.start + len(self.text)
        return any(number == self.statement and self.start <= at < end for number, at in piece.places)

    def takes(self, piece: Piece) -> bool:
        """Whether the words that it leaves to the clauses before say the piece."""
        if piece.places is None:
            return fold(piece.text) in fold(self.carried)
        return any(number == self.statement and self.carried_start <= at < self.start for number, at in piece.places)


def are_together(sentence: str, fixed: Sequence[Piece], statements: Sequence[tuple[str, str]], tag: Tagger) -> bool:
    """Whether each clause of `sentence` takes its words from one clause of the statements, in its sense.

    :param fixed: the sentence's amounts, dates and codes, in order.
    :param statements: the text and the headings of each.
    """
    cited = [clause for i, (text, about) in enumerate(statements) for clause in _clauses(i, text, about, tag)]
    subjects: set[Position | None] | None = None
    follows: set[Position] | None = None
    for part, pieces in _parts(sentence, fixed, tag):
        said = [piece for piece in pieces if not all(fold(piece.text) in fold(clause.topic) for clause in cited)]
        if not said:
            continue
        fitting = [clause for clause in cited if _fits(said, clause, sentence)]
        if subjects is not None and not _has_subject(part, tag):
            fitting = [clause for clause in fitting if _continues(clause, said, subjects)]
        if follows is not None:
            fitting = [clause for clause in fitting if (clause.statement, clause.start) in follows]
        if not fitting:
            return False
        ends = {(clause.statement, clause.start + len(clause.text) + 1) for clause in fitting}
        follows = ends if _TIED.search(part) else None
        subjects = {clause.subject for clause in fitting}
    return True


def words(text: str, tag: Tagger) -> Iterator[Piece]:
    """The words of `text` that say something."""
    position = 0
    for word, kind in tag(text):
        position = max(position, text.find(word, position))
        is_word = len(word) > 1 or kind.startswith(("n", "v", "a"))
        is_glue_here = is_glue(word) and not _MEASURED_BY.search(text[:position])
        is_other = kind.startswith(_JOINING) or is_light(word) or is_glue_here
        if is_word and not is_other and not DIRECTION.fullmatch(word):
            yield Piece(word, kind, position)
        position += len(word)


def _parts(sentence: str, fixed: Sequence[Piece], tag: Tagger) -> Iterator[tuple[str, list[Piece]]]:
    """The parts of the sentence, each with what it says in order."""
    start = 0
    for clause in CLAUSE_END.split(sentence):
        at = start
        for stretch in stretches(clause, tag):
            inside = [piece for piece in fixed if at <= piece.start < at + len(stretch)]
            loose = [Piece(p.text, p.kind, at + p.start) for p in words(stretch, tag)]
            own = [p for p in loose if not any(_covers(f, p) for f in inside)]
            yield stretch, sorted([*inside, *own], key=lambda piece: piece.start)
            at += len(stretch)
        start += len(clause) + 1


def _covers(fixed: Piece, word: Piece) -> bool:
    return fixed.start < word.start + len(word.text) and word.start < fixed.start + len(fixed.text)


def _clauses(number: int, text: str, about: str, tag: Tagger) -> Iterator[Clause]:
    """The clauses of a statement, each with what it leaves to those before it."""
    topic, named, start, is_excepted = about, -1, 0, False
    for end in [*(match.start() for match in CLAUSE_END.finditer(text)), len(text)]:
        clause, mark = text[start:end], text[end : end + 1]
        if _may_have_subject(clause, tag):
            named = start
        first = start if named < 0 else named
        subject = None if named < 0 else (number, named)
        yield Clause(number, start, clause, subject, topic, text[first:start], first, tag, is_excepted)
        is_excepted = bool(_EXCEPT.search(clause))
        if mark in ("：", ":") or (_TOPIC.search(clause) and named == start):
            topic = f"{topic}|{clause}"
        if mark and mark in _SUBJECT_END:
            named = -1
        if mark and mark in _SENTENCE_END:
            topic = about
        start = end + 1


def _beginning(clause: str, tag: Tagger) -> tuple[str, str]:
    """The parts of speech of the first two words of a clause that say something; '' for one that is not there."""
    kinds = [
        "v" if DIRECTION.fullmatch(word) else kind
        for word, kind in tag(clause)
        if not kind.startswith(_BEFORE_SUBJECT)
        and not re.fullmatch(r"(?:19|20)\d{2}|年|其中|同比|环比|着力|大力|积极|持续|不断", word)
    ]
    return (*kinds, "", "")[0], (*kinds, "", "")[1]


def _has_subject(clause: str, tag: Tagger) -> bool:
    """Whether a clause surely names what it speaks of."""
    kind, _ = _beginning(clause, tag)
    return bool(kind) and not kind.startswith(_LEFT_TO_OTHERS)


def _may_have_subject(clause: str, tag: Tagger) -> bool:
    """Whether it may: words such as 投资 and 一般 are tagged alike where they act and where they name."""
    kind, following = _beginning(clause, tag)
    if kind.startswith("vn"):
        return not following.startswith(("n", "m", "r", "x"))
    if kind.startswith(("a", "i", "l")):
        return not following.startswith("v") or following.startswith("vn")
    return _has_subject(clause, tag)


def _fits(pieces: Sequence[Piece], clause: Clause, sentence: str) -> bool:
    """Whether the clause says the pieces, but for a subject before them, of the same things in the same order."""
    own = [piece for piece in pieces if clause.holds(piece)]
    first = own[0].start if own else len(sentence)
    others = [p for p in pieces if p not in own and fold(p.text) not in fold(clause.topic)]
    if not own or any(piece.start > first or not clause.takes(piece) for piece in others):
        return False
    if others and _skips_a_word(own, clause):
        return False
    if clause.is_excepted and "除" not in sentence:
        return False
    tests = (_is_qualified, _is_framed, _is_as_narrow)
    return _in_order(own, clause) and all(test(own, clause, sentence) for test in tests)


def _skips_a_word(own: Sequence[Piece], clause: Clause) -> bool:
    """Whether a noun or verb of the clause stands before all that was taken of it: what is carried would take its place."""
    taken = min(_place(piece, clause) for piece in own)
    return any(word.start < taken and word.kind.startswith(("n", "v")) for word in clause.words)


def _in_order(own: Sequence[Piece], clause: Clause) -> bool:
    """Whether the nouns stand in the order in which the clause has them."""
    position = 0
    for piece in own:
        is_above = fold(piece.text) in fold(clause.topic)
        if piece.places is None and piece.kind.startswith("n") and not is_above:
            found = fold(clause.text).find(fold(piece.text), position)
            if found < 0:
                return False
            position = found
    return True


def _is_qualified(own: Sequence[Piece], clause: Clause, sentence: str) -> bool:
    """Whether the sentence has what qualifies its amounts in the clause."""
    last = max((_place(piece, clause) for piece in own if piece.places is not None), default=0)
    return all(
        match[0] in sentence or _MAY_STAND_FOR.get(match[0], match[0]) in sentence
        for match in _QUALIFIERS.finditer(clause.text)
        if match.start() < last
    )


def _is_framed(own: Sequence[Piece], clause: Clause, sentence: str) -> bool:
    """Whether the sentence has what makes less, in the clause, of what it takes from behind it; things alone are only named."""
    if not any(piece.kind.startswith("v") and not piece.kind.startswith("vn") for piece in own):
        return True
    last = max(_place(piece, clause) for piece in own)
    pattern = _UNDONE if _DONE.search(sentence) else _FRAMES
    frames = (match[0] for match in pattern.finditer(clause.text) if match.start() < last)
    return all(any(word in sentence for word in alike(frame)) for frame in frames)


def _is_as_narrow(own: Sequence[Piece], clause: Clause, sentence: str) -> bool:
    """Whether no noun has lost the word before it that narrows it: 小微企业 is not 企业."""
    ends = {word.start + len(word.text): word.text for word in clause.words if word.kind.startswith(_NARROWING)}
    nouns = [piece for piece in own if piece.places is None and piece.kind.startswith("n")]
    before = (ends.get(_place(noun, clause)) for noun in nouns)
    return all(word is None or word in sentence or word in clause.topic for word in before)


def _place(piece: Piece, clause: Clause) -> int:
    """Where the clause says the piece first."""
    if piece.places is None:
        found = [at for word in alike(piece.text) if (at := fold(clause.text).find(fold(word))) >= 0]
    else:
        end = len(clause.text)
        found = [at - clause.start for number, at in piece.places if number == clause.statement]
        found = [at for at in found if 0 <= at < end]
    return min(found)


def _continues(clause: Clause, pieces: Sequence[Piece], subjects: set[Position | None]) -> bool:
    """Whether a part that names no subject surely goes on with the one before it, or names the clause's all the same."""
    if clause.subject in subjects:
        return True
    if clause.names_subject:
        return any(clause.words[0].text == piece.text for piece in pieces) if clause.words else False
    return any(not clause.holds(piece) and clause.takes(piece) for piece in pieces)
