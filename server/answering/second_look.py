"""What a question tells as a fact against the whole report: other years, plans, results and names included.

The candidates of an answer are those of the year asked for; what was only planned stands in another one. So a claim is
compared with every sentence and row that speaks of its subject, and denied only where none bears it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.model import Corpus, Indicator, IndicatorValue, Span
from ingest.sentences import split_sentences
from server.answering.claims import BUILDING_ENDS, BUILT, Claim, claims, named
from server.answering.draft import Source
from server.answering.matching import match
from server.answering.numbers import figures
from server.answering.plain import plain
from server.answering.questions import FocusWord, Query

SPEAKS = 0.6
"""Least share of the subject's weight that denying words must speak of."""
MEETS = 0.7
"""Least match of the subject's heaviest word."""
CLOSE = 0.05
"""How much less than the denial words may speak of the subject and still bear the claim out."""
DEFINES = 0.4
"""Share of the characters of a meaning told that a definition has, where it may be meant."""
FEW = 8
"""Sentences a word may stand in to be telling by itself."""
_GENERIC = frozenset(
    ["工程", "项目", "指标", "任务", "目标", "计划", "情况", "工作", "建设", "年度", "全部", "听说", "东西"]
)
_UNFINISHED = re.compile(
    r"未完成|没有完成|[只仅]完成|未能|顺延|延期|延至|推迟|尚未|尚在|未达|没有达到|低于(?:年度|预期)?(?:计划|目标)|比(?:年度)?(?:计划|目标)(?:低|少)"
)
_PLANNED = re.compile(rf"确保|力争|启动|加快|推进|推动|开工|新建|建设|争取|完成|实施|前期|谋划|重新选址|{BUILT}")
_DONE = re.compile(rf"{BUILT}|完成|投运|并网")
_BUILT = re.compile(BUILT)
_SAME_EVENT = dict.fromkeys(
    ("当上", "评上", "成为", "获评", "评为", "入选", "当选"), "当上|评上|成为|获评|评为|入选|当选"
)
_LOOSE = frozenset(["完成", "修好", "建好", "弄好", "搞好", "改好", "装好", "弄完", "搞完", "改完", "修完"])
"""Words of finishing that a step completed bears out as well."""
_REACHED = re.compile(
    r"超额完成|完成(?!投资)[^，。；]{0,14}(?:目标|任务|计划)(?!的\d)|完成[^，。；]{0,8}(?:目标|计划|任务)的1\d\d(?:\.\d+)?%|(?:达到|实现)[^，。；]{0,6}(?:预期|目标)|高于(?:年度)?(?:计划|目标)|比(?:年度)?计划(?:高|多)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年")
_AT_MOST = re.compile(r"[<≤]|以内|以下|不超过|不高于|控制")
_LESS_IS_MORE = re.compile(r"失业|能耗|死亡|浓度|排放|投诉|发案|下降|降低|用水")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of the report, in plain letters, with the titles above it and the year it stands under."""

    source: Source
    text: str
    title: str
    year: int | None


def second_look(query: Query, corpus: Corpus) -> Source | None:
    """The words that deny what the question takes for granted; None where nothing is, or nothing denies it."""
    for claim in claims(query.text):
        words = _subject(query, claim)
        if words and (denial := _DENIALS[claim.kind](claim, words, corpus)):
            return denial
    return None


def _subject(query: Query, claim: Claim) -> list[FocusWord]:
    """The telling words of the claim's subject, heaviest first."""
    if claim.kind == "meaning":
        return [word for word in query.focus if word.word in claim.verb]
    words = [w for w in query.focus if w.word in claim.subject and w.word not in _GENERIC and w.word not in claim.verb]
    return sorted(words, key=lambda word: -word.weight)


def _not_finished(claim: Claim, words: Sequence[FocusWord], corpus: Corpus) -> Source | None:
    """Words that tell as planned or as not done what is taken for finished."""
    planned = corpus.report.year_planned
    denials, proofs = [], []
    for told in sentences_of(corpus):
        window, speaks = _window(told, words, claim.subject)
        if speaks == 0:
            continue
        if _UNFINISHED.search(window) or (told.year == planned and told.year and _PLANNED.search(window)):
            denials.append((speaks, told))
        elif (_DONE if claim.verb in _LOOSE else _BUILT).search(window):
            proofs.append(speaks)
    if claim.verb == "完成" and (row := _row(words, corpus)) and _is_reached(row, claim.year, corpus) is False:
        return Source(corpus, row.span)
    return _best(denials, proofs)


def _not_failed(claim: Claim, words: Sequence[FocusWord], corpus: Corpus) -> Source | None:
    """The row or the words that tell as reached what is taken for failed."""
    row = _row(words, corpus)
    reached = _is_reached(row, claim.year, corpus) if row else None
    if row and reached is not None:
        return Source(corpus, row.span) if reached else None
    denials, proofs = [], []
    for told in sentences_of(corpus):
        window, speaks = _window(told, words, claim.subject)
        if speaks and _UNFINISHED.search(window):
            proofs.append(speaks)
        elif speaks and told.year != corpus.report.year_planned and _REACHED.search(window):
            denials.append((speaks, told))
    return _best(denials, proofs)


def _other_year(claim: Claim, words: Sequence[FocusWord], corpus: Corpus) -> Source | None:
    """The words that tell the event of another year."""
    reviewed, planned = corpus.report.year_reviewed, corpus.report.year_planned
    denials, proofs = [], []
    for told in sentences_of(corpus):
        speaks = _speaks(words, told.title + told.text, claim.subject)
        is_apart = claim.year not in (reviewed, planned) or (claim.year == planned and told.year == reviewed)
        for verb in re.finditer(_SAME_EVENT.get(claim.verb, claim.verb), told.text) if speaks else ():
            named = _YEAR.findall(told.text[: verb.start()])
            year = int(named[-1]) if named else told.year if is_apart else None
            if year == claim.year or (not named and told.year == claim.year == planned):
                proofs.append(speaks)
            elif year:
                denials.append((speaks, told))
    return _best(denials, proofs)


def _other_name(claim: Claim, words: Sequence[FocusWord], corpus: Corpus) -> Source | None:
    """The words that say all the rest of the claim with another name of the kind."""
    core = claim.verb[-4:] if len(claim.verb) > 3 else claim.verb
    sentences = list(sentences_of(corpus))
    known = [w for w in words if len(w.word) > 1 and any(match(w.word, told.text) >= MEETS for told in sentences)]
    numbers = {f.text for f in figures(claim.subject) if len(str(f.value)) > 2 and f.unit not in tuple("年月日")}
    if not numbers and (not known or claim.sort in BUILDING_ENDS):
        return None
    is_known = any(core in told.text for told in sentences)
    heavy = known[0].word if known else ""
    is_telling = len(known) > 1 or not is_known or sum(heavy in told.text for told in sentences) <= FEW
    denials, proofs = [], []
    for told in sentences:
        speaks = _speaks(known, told.title + told.text, "") if known else 1.0
        has_numbers = all(number in told.title + told.text for number in numbers)
        if not has_numbers and numbers:
            continue
        if core in told.text:
            proofs.append(1.0 if numbers else speaks)
        elif speaks >= (SPEAKS if numbers else 0.8) and (numbers or is_telling) and _names_another(claim, told.text):
            denials.append((speaks, told))
    return _best(denials, proofs)


def _names_another(claim: Claim, text: str) -> bool:
    return any(other.sort == claim.sort for other in named(text))


def _other_meaning(claim: Claim, words: Sequence[FocusWord], corpus: Corpus) -> Source | None:
    """The glossary's words, where the meaning told has nothing of them."""
    for term in corpus.terms:
        if any(plain(name) in claim.subject for name in (term.name, *term.aliases)):
            meaning = plain(term.definition.of(corpus.report.text))
            told = "".join(word.word for word in words)
            is_other = told and sum(character in meaning for character in told) < DEFINES * len(told)
            return Source(corpus, Span(term.name_span.start, term.span.end)) if is_other else None
    return None


def _other_direction(claim: Claim, words: Sequence[FocusWord], corpus: Corpus) -> Source | None:
    """The words that tell the same figure as a fall, where a rise is told, or the other way round."""
    figure = re.escape(claim.verb)
    denials, proofs = [], []
    for told in sentences_of(corpus):
        for clause in re.split("[，；]", told.text):
            if re.search(rf"(?<![\d.]){figure}(?![\d.])", clause):
                speaks = _speaks(words, told.title + told.text, claim.subject)
                is_other = re.search(rf"(?:{claim.sort})了?{figure}", clause)
                (denials.append((speaks, told)) if is_other and speaks else proofs.append(speaks))
    return _best(denials, [proof for proof in proofs if proof])


_DENIALS = {
    "way": _other_direction,
    "meaning": _other_meaning,
    "finished": _not_finished,
    "failed": _not_failed,
    "year": _other_year,
    "name": _other_name,
}


def _best(denials: Sequence[tuple[float, Told]], proofs: Sequence[float]) -> Source | None:
    if not denials:
        return None
    speaks, told = max(denials, key=lambda denial: denial[0])
    return None if any(proof >= speaks - CLOSE for proof in proofs) else told.source


def sentences_of(corpus: Corpus) -> Iterator[Told]:
    """All sentences of the report's body and glossary, a part at a time."""
    text = corpus.report.text
    for passage in corpus.passages:
        title = plain(corpus.section[passage.section].title)
        for sentence in passage.sentences:
            yield from parts_of(corpus, sentence.span, title, passage.year)
    for term in corpus.terms:
        for span in split_sentences(text, term.definition):
            yield from parts_of(corpus, span, plain(" ".join((term.name, *term.aliases))), None)


def parts_of(corpus: Corpus, sentence: Span, title: str, year: int | None) -> Iterator[Told]:
    """The parts of a sentence between semicolons, which tell of one thing each."""
    start = sentence.start
    for part in re.split(r"(?<=[；;])", sentence.of(corpus.report.text)):
        span = Span(start, start + len(part))
        start = span.end
        if part.strip():
            yield Told(Source(corpus, span), plain(part), title, year)


def _window(told: Told, words: Sequence[FocusWord], subject: str) -> tuple[str, float]:
    """The clauses around the one that speaks best of the subject, and how far they do; 0 where too little."""
    clauses = re.split(r"[，,：]", told.text)
    at = max(range(len(clauses)), key=lambda i: match(words[0].word, clauses[i]))
    window = "，".join(clauses[max(at - 1, 0) : at + 2])
    return window, _speaks(words, window, subject)


def _speaks(words: Sequence[FocusWord], text: str, subject: str) -> float:
    """The share of the subject's weight that `text` speaks of, and a little for its characters; 0 where too little."""
    if _meets(words[0].word, text) < MEETS:
        return 0.0
    share = sum(w.weight * _meets(w.word, text) for w in words) / sum(w.weight for w in words)
    characters = {c for c in subject if c >= "一"}
    return 0.0 if share < SPEAKS else share + 0.5 * sum(c in text for c in characters) / max(len(characters), 1)


def _meets(word: str, text: str) -> float:
    """`match`, or nearly as much for a longer word whose characters all stand there in another order."""
    return max(match(word, text), MEETS if len(word) > 2 and set(word) <= set(text) else 0.0)


def _row(words: Sequence[FocusWord], corpus: Corpus) -> Indicator | None:
    """The one row whose name speaks of the subject."""
    rows = [row for row in corpus.indicators if _speaks(words, plain(f"{row.group}{row.name}"), "")]
    return rows[0] if len(rows) == 1 else None


def _is_reached(row: Indicator, year: int | None, corpus: Corpus) -> bool | None:
    """Whether the row's result is at or beyond its plan; None where it has not both as numbers."""
    year = year or corpus.report.year_reviewed
    plan, done = (_value(row, year, is_done) for is_done in (False, True))
    if plan is None or done is None or plan.number is None or done.number is None:
        return None
    if _AT_MOST.search(plan.text):
        return done.number <= plan.number
    return None if _LESS_IS_MORE.search(row.name) else done.number >= plan.number


def _value(row: Indicator, year: int | None, is_done: bool) -> IndicatorValue | None:
    return next((v for v in row.values if v.year == year and (v.role == "完成") == is_done), None)
