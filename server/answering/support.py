"""Whether the words a sentence cites say what it says. A pure function, in time linear in what it is given.

Every amount, date, code and quoted name of the sentence must stand in the cited words, with the same unit, bound,
direction, year and subject; so must every word that makes a claim stronger, turns it round, or says that something is
planned or done; and nearly all of the rest must be the cited words' own. It errs on the side of refusing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from index.normalise import fold
from server.answering.amounts import DIRECTION, HAN_DIGITS, Amount, amounts, years_named
from server.answering.around import is_bound, near, without
from server.answering.doings import Tagger, doings_stand
from server.answering.lists import lists_are_whole
from server.answering.together import Piece, are_together
from server.answering.wording import CLAUSE_END, bigrams, holds_whole, is_glue, missing, plain

LONGEST = 300
"""Characters of the longest sentence that is looked at."""
LONGEST_STATEMENT = 1200
"""Characters of the longest statement that may be cited."""
COVERED = 0.7
"""Least share of a sentence's content that the cited words must hold."""
STRETCH = 3
"""Characters in a row that need not stand in the cited words, in a clause without an amount; in one with, none."""
_HAN_SHARE = 0.5
_ALIKE = 5
"""Amounts of the cited words that are compared with one of the sentence."""
_MOST_PLACES = 20
"""Places in the cited words that are looked at for an amount, a date or a code of the sentence."""

_FIXED = re.compile(
    r"(?<![\d.])\d{1,2}月(?:\d{1,2}日)?|(?<![\d.])\d{1,2}日"
    r"|(?<!\d)(?:19|20)\d{2}年?[-–—―~～至到](?:19|20)\d{2}年?"
    rf"|第(?:\d+|[{HAN_DIGITS}]+)"
    r"|[A-Za-z0-9]+(?:[+·×][A-Za-z0-9]+)+|\d+(?:-\d+){2,}|[A-Za-z]+[A-Za-z0-9.]*|(?<![\d.,])\d+(?:\.\d+)?[A-Za-z]+"
)
"""Dates, spans of years, ordinals, codes such as 4+N or 2-1-1, Latin words: they stand as they are or not at all."""
_QUOTED = re.compile(r"[“「『《〈\"]([^“”「」『』《》〈〉\"]{1,60})[”」』》〉\"]")
_STRONG = re.compile(
    r"首[次个家批届部创位例]|率先|最(?![终后近])(?![多少]\d)|唯一|全国|全球|世界|国际|全市|第一|领先|全部|(?<![场处])所有|一切|全面|完全|彻底|全覆盖|大幅|显著|"
    r"明显|多数|少数|大部分|一半|半数|过半|翻番|翻一番|成倍|超额|提前|仅|只有|必须|一律|均|每|免费|永久|立即|马上|"
    r"今年|去年|明年|上年|前年|近年|上半年|下半年|年底|年末|年初|季度|月底|同比|环比|累计|平均|人均|合计|总计|(?:预期|约束|指导|指令)性"
)
_NEGATION = re.compile(
    r"(?:不(?![断仅同]|低于|少于|小于|下于|超过|高于|多于|大于)|未(?!来)|没有?|无(?!障碍|人|线)|禁止|避免|取消|停止|拒绝)"
    r"(?P<denied>[\u4e00-\u9fff]{2})?"
)
_NUMERAL = re.compile(
    rf"(?:[{HAN_DIGITS}万亿壹贰叁肆伍陆柒捌玖拾佰仟廿卅俩仨几双半]+|数(?=[个家项次倍])|若干|许多|多[个家项])[\u4e00-\u9fff]?"
)
_PLAIN_NUMERAL = re.compile(r"一[些体样致起直定般切旦边方步]|统一|进一步|十分|千方百计|百姓")
_PLANNED = re.compile(r"力争|预计|拟|将(?!来)|争取|计划|目标|预期|安排|确保|规划|控制|要(?![求素点闻害])")
_SOFT = re.compile(r"力争|争取|力求|预期|有望|拟")
_DONE = re.compile(r"已|了(?!解)|实际|成功|顺利|圆满")
_YEAR = re.compile(r"((?<!\d)(?:19|20)\d{2}年)")
_EXCEPTED = re.compile(r"除(?!了|此)[^，,。；;]*外[，,]?$")
_POLARITY = re.compile(r"^(?:是的?|不是|对的?|没错|不对|有的|没有|会的?|不会|可以|不可以)[，,。！!]")


@dataclass(frozen=True, slots=True)
class Statement:
    """Words that may be cited, with what they leave to their surroundings.

    `text` are the words, a table cell's unit and row spelt out; `about` the headings above them, which may bear out a
    word but no number; `year` the one they speak of where they name none, `planned` whether that is still to come.
    """

    text: str
    about: str = ""
    year: int | None = None
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a sentence: no problem means that it holds.

    `is_quote` is whether the sentence is nothing but cited words; `used` are the positions of the statements that it rests on; `text` is the sentence with its numbers written as they
    write them; `years` are years it names that stand above those words and not in them.
    """

    text: str
    problems: tuple[str, ...]
    used: tuple[int, ...] = ()
    years: tuple[int, ...] = ()
    is_quote: bool = False

    @property
    def holds(self) -> bool:
        """Whether the sentence may be shown."""
        return not self.problems


def check(sentence: str, statements: Sequence[Statement], tag: Tagger, years: Sequence[int] = ()) -> Verdict:
    """Check one sentence, without markers, against the statements it cites; `years` are those asked about, () for any."""
    text, tag = plain(sentence), _beside_years(tag)
    problem = _unreadable(text)
    if problem:
        return Verdict(text, (problem,))
    statements = [s if len(s.text) <= LONGEST_STATEMENT else _TOO_LONG for s in statements]
    quoted = next((i for i, statement in enumerate(statements) if _quotes(text, statement, years)), None)
    if quoted is not None:
        return Verdict(text, (), (quoted,), is_quote=True)
    known = [_Known.of(statement) for statement in statements]
    used = _rests_on(text, known)
    if not used:
        return Verdict(text, ("uncited",))
    case = _Case(text, [known[i] for i in used], years, tag)
    problems = tuple(name for name, test in _TESTS if not test(case))
    return Verdict(case.rewritten(), problems, used, case.years_above())


_TOO_LONG = Statement("")


def _beside_years(tag: Tagger) -> Tagger:
    """The tagger, kept from reading the 年 of a year as part of the next word: 2023年老旧 is not 年老."""
    return lambda text: [pair for part in _YEAR.split(text) for pair in tag(part)]


@dataclass(frozen=True, slots=True)
class _Known:
    """A statement, read."""

    statement: Statement
    text: str
    amounts: list[Amount]
    bigrams: set[str]

    @classmethod
    def of(cls, statement: Statement) -> _Known:
        text = plain(statement.text)
        return cls(statement, text, amounts(_masked(text)), bigrams(text))

    def year_of(self, amount: Amount) -> int | None:
        return amount.year if amount.year is not None else self.statement.year


@dataclass(slots=True)
class _Case:
    """A sentence before the statements it rests on."""

    text: str
    known: Sequence[_Known]
    wanted: Sequence[int]
    tag: Tagger
    said: str = ""
    surroundings: str = ""
    own: Sequence[Amount] = ()
    matches: Sequence[tuple[_Known, Amount] | None] = ()

    def __post_init__(self) -> None:
        self.said = "|".join(known.text for known in self.known)
        self.surroundings = "|".join([self.said, *(plain(known.statement.about) for known in self.known)])
        self.own = amounts(_masked(self.text))
        self.matches = [self._match(amount) for amount in self.own]

    def _match(self, amount: Amount) -> tuple[_Known, Amount] | None:
        """The amount of the cited words that this one repeats: same size, bound, direction, year and subject."""
        found = [
            (known, other) for known in self.known for other in known.amounts if self._repeats(known, amount, other)
        ]
        subject = near(self.text, self.own, amount)
        fitting = [(k, other) for k, other in found[:_ALIKE] if is_bound(subject, k.text, k.amounts, other)]
        return max(fitting, key=lambda p: len(subject & near(p[0].text, p[0].amounts, p[1])), default=None)

    def _repeats(self, known: _Known, amount: Amount, other: Amount) -> bool:
        year = known.year_of(other)
        if amount.year is not None:
            return amount.agrees(other) and amount.year == year
        return amount.agrees(other) and (not self.wanted or year is None or year in self.wanted)

    def places(self, amount: Amount) -> Iterator[tuple[int, int]]:
        """Where the cited words repeat the amount: the number of the statement, and the position in it."""
        for i, known in enumerate(self.known):
            yield from ((i, other.start) for other in known.amounts if self._repeats(known, amount, other))

    def rewritten(self) -> str:
        """The sentence with each number that is written otherwise in the cited words as they write it."""
        text = self.text
        for amount, match in reversed(list(zip(self.own, self.matches, strict=True))):
            if match:
                known, other = match
                theirs = known.text[other.start : other.end]
                if re.findall(r"\d+", theirs) != re.findall(r"\d+", text[amount.start : amount.end]):
                    text = text[: amount.start] + theirs + text[amount.end :]
        return text

    def years_above(self) -> tuple[int, ...]:
        """Years that the sentence names and the cited words do not."""
        return tuple(sorted(set(years_named(self.text)) - set(years_named(self.said))))

    def clauses(self) -> Iterator[tuple[str, bool]]:
        """The clauses of the sentence, and whether one holds an amount."""
        start = 0
        for end in [*(match.start() for match in CLAUSE_END.finditer(self.text)), len(self.text)]:
            held = [amount for amount in self.own if start <= amount.start < end]
            yield without(self.text, start, end, held), bool(held)
            start = end + 1


def _amounts_stand(case: _Case) -> bool:
    return all(match is not None for match in case.matches)


def _fixed_stand(case: _Case) -> bool:
    return all(holds_whole(match[0], case.said) for match in _FIXED.finditer(case.text))


def _numerals_stand(case: _Case) -> bool:
    """Numerals in characters that count nothing are part of a word, which must be the cited words' own."""
    rest = _PLAIN_NUMERAL.sub(" ", without(case.text, 0, len(case.text), case.own))
    return all(fold(match[0]) in fold(case.surroundings) for match in _NUMERAL.finditer(rest))


def _digits_stand(case: _Case) -> bool:
    """Every digit belongs to an amount, a year or something fixed: what cannot be read cannot be checked."""
    rest = _masked(without(case.text, 0, len(case.text), case.own))
    return not re.search(r"\d", re.sub(r"(?<!\d)(?:19|20)\d{2}年", "", rest))


def _years_stand(case: _Case) -> bool:
    """A year stands in the cited words, or is the one that they speak of."""
    of_statements = {known.statement.year for known in case.known}
    return all(year in of_statements or f"{year}年" in case.said for year in years_named(case.text))


def _quotes_stand(case: _Case) -> bool:
    """A quoted name stands in the cited words, and is not a piece of a longer quoted one."""
    names, whole = ({fold(m[1]) for m in _QUOTED.finditer(text)} for text in (case.text, case.said))
    said, loose = fold(case.said), fold(_QUOTED.sub("|", case.said))
    return all(name in said and (name in whole or name in loose or not any(name in w for w in whole)) for name in names)


def _nouns_stand(case: _Case) -> bool:
    """Things and names are the cited words' or the headings'; other words may differ a little."""
    nouns = (word for word, kind in case.tag(case.text) if kind.startswith("n") and len(word) > 1 and not is_glue(word))
    return all(fold(noun) in fold(case.surroundings) for noun in nouns)


def _doings_stand(case: _Case) -> bool:
    return doings_stand((clause for clause, _ in case.clauses()), case.surroundings, case.tag)


def _strength_stands(case: _Case) -> bool:
    return all(match[0] in case.said for match in _STRONG.finditer(case.text))


def _negations_stand(case: _Case) -> bool:
    """What is denied is denied in both, and what is not, in neither."""
    for match in _NEGATION.finditer(case.text):
        if match[0] not in case.said:
            return False
    for known in case.known:
        for match in _NEGATION.finditer(known.text):
            denied = match["denied"]
            if denied and _bare(denied, case.text) and not _bare(denied, case.said):
                return False
    return True


def _time_stands(case: _Case) -> bool:
    """Nothing planned is told as done, nothing done as planned, and no hope as a certainty."""
    planned = [known.statement.planned for known in case.known]
    if any(planned) and any(match[0] not in case.said for match in _DONE.finditer(case.text)):
        return False
    plans = list(_PLANNED.finditer(case.text))
    if not any(planned) and any(match[0] not in case.said for match in plans):
        return False
    return bool(plans) or not any(match and _SOFT.search(_clause(*match)) for match in case.matches)


def _directions_stand(case: _Case) -> bool:
    """A clause that says up or down without an amount has a clause of the cited words that says so of the same."""
    for clause, has_amount in case.clauses():
        for match in () if has_amount else DIRECTION.finditer(clause):
            if not any(_same_way(match, clause, other) for other in CLAUSE_END.split(case.said)):
                return False
    return True


def _is_together(case: _Case) -> bool:
    """Each clause takes its words, amounts and dates from one clause of the cited words."""
    amounts_ = [range(amount.start, amount.end) for amount in case.own]
    tokens = [*_FIXED.finditer(case.text), *_NUMERAL.finditer(_blotted(_PLAIN_NUMERAL, case.text))]
    loose = [m for m in tokens if not any(m.start() in amount for amount in amounts_)]
    fixed = [Piece(m[0], "", m.start(), tuple(islice(_found(m[0], case.known), _MOST_PLACES))) for m in loose]
    for amount in case.own:
        places = islice(case.places(amount), _MOST_PLACES)
        fixed.append(Piece(case.text[amount.start : amount.end], "", amount.start, tuple(places)))
    return are_together(case.text, fixed, [(known.text, known.statement.about) for known in case.known], case.tag)


def _found(token: str, statements: Sequence[_Known]) -> Iterator[tuple[int, int]]:
    """Where a date or a code stands."""
    for i, known in enumerate(statements):
        yield from ((i, match.start()) for match in re.finditer(re.escape(token), known.text))


def _is_covered(case: _Case) -> bool:
    total = absent = 0
    for clause, has_amount in case.clauses():
        count, lacking, longest = missing(clause, case.surroundings)
        if longest > (0 if has_amount else STRETCH):
            return False
        total, absent = total + count, absent + lacking
    return total > 0 and total - absent >= COVERED * total


_TESTS: tuple[tuple[str, Callable[[_Case], bool]], ...] = (
    ("amount", _amounts_stand),
    ("digits", _digits_stand),
    ("fixed", _fixed_stand),
    ("numeral", _numerals_stand),
    ("year", _years_stand),
    ("quotation", _quotes_stand),
    ("noun", _nouns_stand),
    ("doing", _doings_stand),
    ("list", lambda case: lists_are_whole(case.text, case.said)),
    ("strength", _strength_stands),
    ("negation", _negations_stand),
    ("time", _time_stands),
    ("direction", _directions_stand),
    ("coverage", _is_covered),
    ("together", _is_together),
)


def _unreadable(text: str) -> str:
    """Why a sentence is not looked at further; '' where it is."""
    if not text or len(text) > LONGEST:
        return "length"
    letters = [character for character in text if character.isalpha()]
    if sum("\u4e00" <= character <= "\u9fff" for character in letters) < _HAN_SHARE * max(1, len(letters)):
        return "language"
    return "polarity" if _POLARITY.match(text) else ""


def _quotes(text: str, statement: Statement, years: Sequence[int]) -> bool:
    """Whether the text is a piece of the statement's words, from clause to clause, and of a year asked about."""
    if years and statement.year is not None and statement.year not in years:
        return False
    own, words = fold(plain(statement.text)), fold(text).rstrip("。；;，,")
    start = own.find(words)
    if _EXCEPTED.search(own[: max(0, start)]):
        return False
    ends = f"{own[start - 1 : start] or '。'}{own[start + len(words) :][:1] or '。'}"
    return len(words) > 3 and start >= 0 and all(CLAUSE_END.match(end) for end in ends)


def _rests_on(text: str, known: Sequence[_Known]) -> tuple[int, ...]:
    """The fewest statements, best first, that hold what any of them holds of the sentence's words and numbers."""
    wanted: set[object] = set(bigrams(text)) | {(a.low, a.high, a.unit) for a in amounts(_masked(text))}
    chosen: list[int] = []
    while wanted:
        held = [wanted & (k.bigrams | {(a.low, a.high, a.unit) for a in k.amounts}) for k in known]
        gains = [sum(3 if isinstance(item, tuple) else 1 for item in items) for items in held]
        best = max(range(len(known)), key=lambda i: gains[i], default=None)
        if best is None or gains[best] < (2 if chosen else 1):
            break
        chosen.append(best)
        wanted -= held[best]
    return tuple(sorted(chosen))


def _masked(text: str) -> str:
    """The text with what is fixed blotted out, so that no amount is read from it; every position stays."""
    return _blotted(_FIXED, text)


def _blotted(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: "\0" * len(match[0]), text)


def _clause(known: _Known, amount: Amount) -> str:
    """The clause of the cited words that an amount stands in."""
    start = max((m.end() for m in CLAUSE_END.finditer(known.text) if m.end() <= amount.start), default=0)
    end = min((m.start() for m in CLAUSE_END.finditer(known.text) if m.start() >= amount.end), default=len(known.text))
    return known.text[start:end]


def _bare(word: str, text: str) -> bool:
    """Whether `word` stands in `text` without being denied."""
    denied = {match.start("denied") for match in _NEGATION.finditer(text)}
    return any(match.start() not in denied for match in re.finditer(re.escape(word), text))


def _same_way(match: re.Match[str], clause: str, other: str) -> bool:
    theirs = [m for m in DIRECTION.finditer(other) if m.lastgroup == match.lastgroup]
    return bool(theirs) and bool(bigrams(DIRECTION.sub(" ", clause)) & bigrams(other))
