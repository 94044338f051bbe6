"""Glossary annex → terms with aliases, definitions and the places that use them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.canonical import Line
from ingest.model import Notice, Section, SectionKind, Span, Term, content_id
from ingest.outline import Outline

_TITLE = re.compile(r"名词|术语|名词解释|注释|词语解释|有关说明")
_ENTRY = re.compile(
    r"[（(]?(?P<number>\d{1,3})[)）]?\s*[．.、]?\s*(?P<name>(?:[“‘《（(【][^”’》）)】]*[”’》）)】]|[^：:“‘《（(【。，；])+?)\s*(?:[：:]|——)\s*"
)
_QUOTED = re.compile(r"[“‘「『]([^“”‘’「」『』]{2,20})[”’」』]")
_QUOTE_PAIRS = (("“", "”"), ("‘", "’"))
_QUOTE_MARKS = re.compile(r"[“”‘’「」『』\"']")
_VERSION = re.compile(r"[Vv]?\d+(?:\.\d+)+\s*版?$|\d+版$")
_SHORT_NAME = re.compile(
    r"(?:(?:以下)?简称|又称|又名|亦称|俗称)\s*(?:[为作的])?\s*(?P<name>(?:[^“”，。；、）)《]{0,12}[“][^”]{2,16}[”][^“”，。；、）)]{0,4})|[^“”，。；、）)《]{2,16})"
)
_FULL_NAME = re.compile(r"^(?:是|指|即|是指|即指)?\s*《(?P<name>[^》]{4,60})》")
_OF_DOCUMENT = re.compile(r"《[^《》]*》\s*[（(][^（）()《》]*$")
"""What stands before a short name in brackets directly behind a document."""
_MIN_ENTRIES = 2
_GENERIC_ALIAS = re.compile(r"^\d+$")


@dataclass(frozen=True, slots=True)
class _Entry:
    number: str
    name: Span
    definition: Span
    span: Span


def parse_terms(text: str, outline: Outline) -> tuple[tuple[Term, ...], tuple[Notice, ...]]:
    """Terms of every annex that is a glossary by its title or by the shape of its lines."""
    terms: list[Term] = []
    notices: list[Notice] = []
    ids: set[str] = set()
    body_end = min((s.span.start for s in outline.sections if s.kind is SectionKind.ANNEX), default=len(text))
    body = _Unquoted(text[:body_end])
    for section in outline.sections:
        lines = outline.lines.get(section.id, ()) if section.kind is SectionKind.ANNEX else ()
        entries, unread = _entries(section, lines)
        notices += [Notice(line.source_line, f"glossary line not understood: {line.text[:30]}") for line in unread]
        names = [_plain(entry.name.of(text)) for entry in entries]
        terms += [_term(text, entry, names, ids) for entry in entries]
    return tuple(_with_uses(terms, body)), tuple(notices)


def _entries(section: Section, lines: Sequence[Line]) -> tuple[list[_Entry], list[Line]]:
    """Entries in order; lines without a number go on with the entry above. Unread lines stand before the first entry."""
    matches = [_ENTRY.match(line.text) for line in lines]
    is_glossary = _TITLE.search(section.title) or sum(map(bool, matches)) >= max(_MIN_ENTRIES, len(lines) // 2)
    if not lines or not is_glossary:
        return [], []
    entries: list[_Entry] = []
    unread: list[Line] = []
    for line, match in zip(lines, matches, strict=True):
        start = line.span.start
        if match:
            name = Span(start + match.start("name"), start + match.end("name"))
            entries.append(_Entry(match["number"], name, Span(start + match.end(), line.span.end), line.span))
        elif entries and not re.match(r"\d{1,3}\s*[．.、]", line.text):
            last = entries[-1]
            entries[-1] = _Entry(
                last.number, last.name, Span(last.definition.start, line.span.end), Span(last.span.start, line.span.end)
            )
        else:
            unread.append(line)
    return entries, unread


def _term(text: str, entry: _Entry, names: Sequence[str], ids: set[str]) -> Term:
    name, definition = entry.name.of(text), entry.definition.of(text)
    return Term(
        id=content_id("term", name, ids),
        number=entry.number,
        name=name,
        aliases=tuple(_aliases(name, definition, others=[n for n in names if n != _plain(name)])),
        span=entry.span,
        name_span=entry.name,
        definition=entry.definition,
        uses=(),
    )


def _with_uses(terms: Sequence[Term], body: _Unquoted) -> Iterator[Term]:
    """Fill in where the body uses each term; where one name stands inside another, the longer one is meant."""
    owners = {name: term.id for term in terms for name in _names_in_text(term)}
    found = body.find_all(owners)
    for term in terms:
        yield replace(term, uses=tuple(span for span, name in found if owners[name] == term.id))


def _names_in_text(term: Term) -> Iterator[str]:
    """The names that can only mean this term: a name cut short of its version must have stood in quotation marks."""
    unversioned = _plain(_VERSION.sub("", term.name))
    for name in (_plain(term.name), *term.aliases):
        if name != unversioned or name == _plain(term.name) or _QUOTED.search(term.name):
            yield name


def everyday_names(term: Term) -> frozenset[str]:
    """The aliases that running text also says without meaning the term."""
    return frozenset(term.aliases) - frozenset(_names_in_text(term))


def _plain(name: str) -> str:
    return _QUOTE_MARKS.sub("", name).strip()


def _aliases(name: str, definition: str, others: Sequence[str]) -> list[str]:
    """Other names: without quotation marks, without version, the quoted core, 简称, the full title behind 即."""
    candidates = [_plain(name), _plain(_VERSION.sub("", name))]
    candidates += [_plain(core) for core in _QUOTED.findall(name)]
    outer = re.fullmatch(r"“(.+)”.*", name)
    candidates += [_plain(outer[1])] if outer else []
    full = _FULL_NAME.match(definition)
    shorts = [short for short in _SHORT_NAME.finditer(definition) if _names_term(definition, short.start(), full)]
    candidates += [_plain(short["name"]) for short in shorts]
    candidates += [_plain(quoted) for short in shorts for quoted in _QUOTED.findall(short[0])]
    candidates += [full["name"]] if full else []
    kept: list[str] = []
    for candidate in candidates:
        fits = len(candidate) >= 2 and not _GENERIC_ALIAS.match(candidate)
        if fits and candidate != name and candidate not in kept and candidate not in others:
            kept.append(candidate)
    return kept


def _names_term(definition: str, short: int, full: re.Match[str] | None) -> bool:
    """Whether a short name at `short` is the term's: one in brackets behind a document is the document's.

    Both are the same where the definition starts with the document.
    """
    document = _OF_DOCUMENT.search(definition, 0, short)
    return document is None or (full is not None and document.start() < full.end())


class _Unquoted:
    """Text without quotation marks that remembers where each character stood."""

    def __init__(self, text: str) -> None:
        kept = [i for i, character in enumerate(text) if not _QUOTE_MARKS.match(character)]
        self._original = text
        self._text = "".join(text[i] for i in kept)
        self._positions = kept

    def find_all(self, names: Iterable[str]) -> list[tuple[Span, str]]:
        """Where any of `names` stands, the longest first, without overlaps, in order, with the marks around it."""
        found: list[tuple[Span, str]] = []
        taken = bytearray(len(self._text))
        for name in sorted(names, key=len, reverse=True):
            for match in re.finditer(re.escape(name), self._text):
                if not any(taken[match.start() : match.end()]):
                    taken[match.start() : match.end()] = b"\x01" * len(name)
                    found.append((self._marked(match.start(), match.end()), name))
        return sorted(found)

    def _marked(self, start: int, end: int) -> Span:
        first, last = self._positions[start], self._positions[end - 1] + 1
        before, words, after = (
            self._original[max(first - 1, 0) : first],
            self._original[first:last],
            self._original[last : last + 1],
        )
        opened = any(before == mark and partner in words + after for mark, partner in _QUOTE_PAIRS)
        closed = any(after == partner and mark in before + words for mark, partner in _QUOTE_PAIRS)
        return Span(first - opened, last + closed)
