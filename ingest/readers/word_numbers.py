"""Automatic numbers of Word paragraphs, as Word shows them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import cn2an
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml.etree import _Element

_STYLE_DEPTH = 12


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list: how its number is written, the words around it, and where it starts."""

    format: str
    text: str
    start: int


class Numbers:
    """Counts numbered paragraphs in document order."""

    def __init__(self, word: WordDocument) -> None:
        self._lists, self._abstract = _lists(word)
        self._styles = {style.get(qn("w:styleId")): style for style in word.styles.element.iter(qn("w:style"))}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)

    def label(self, paragraph: _Element) -> str:
        """The number in front of the next paragraph, '' where it has none."""
        list_id, depth = self._list_of(paragraph)
        levels = self._lists.get(list_id, {})
        if depth not in levels:
            return ""
        counts = self._counts[self._abstract[list_id]]
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]

        def written(match: re.Match[str]) -> str:
            level = int(match[1]) - 1
            known = levels.get(level)
            return _written(counts.get(level, known.start), known.format) if known else ""

        if levels[depth].format in ("bullet", "none"):
            return ""
        label = re.sub(r"%([1-9])", written, levels[depth].text)
        return label + " " if label[-1:].isascii() and label[-1:].strip() else label

    def _list_of(self, paragraph: _Element) -> tuple[str, int]:
        """The list and the level of a paragraph, by itself or by its style; '' where it is in none."""
        properties = paragraph.find(qn("w:pPr"))
        for _ in range(_STYLE_DEPTH):
            if properties is None:
                break
            found = properties.find(qn("w:numPr"))
            if found is not None:
                return _value(found, "w:numId", "0"), int(_value(found, "w:ilvl", "0"))
            style = self._styles.get(_value(properties, "w:pStyle", "") or _value(properties, "w:basedOn", ""))
            properties = None if style is None else _style_properties(style)
        return "", 0


def _style_properties(style: _Element) -> _Element | None:
    """A style's paragraph properties, its own list or else the style it is based on."""
    properties = style.find(qn("w:pPr"))
    if properties is not None and properties.find(qn("w:numPr")) is not None:
        return properties
    return style if style.find(qn("w:basedOn")) is not None else None


def _lists(word: WordDocument) -> tuple[Mapping[str, Mapping[int, _Level]], Mapping[str, str]]:
    """The levels of every list by its id, and the id of the count each goes by."""
    try:
        root = word.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}, {}
    abstract = {
        found.get(qn("w:abstractNumId")): {
            int(lvl.get(qn("w:ilvl"), 0)): _level(lvl) for lvl in found.iter(qn("w:lvl"))
        }
        for found in root.iter(qn("w:abstractNum"))
    }
    lists: dict[str, Mapping[int, _Level]] = {}
    counts: dict[str, str] = {}
    for found in root.iter(qn("w:num")):
        list_id, abstract_id = found.get(qn("w:numId"), ""), _value(found, "w:abstractNumId", "")
        restarts = {
            int(o.get(qn("w:ilvl"), 0)): int(_value(o, "w:startOverride", "1"))
            for o in found.iter(qn("w:lvlOverride"))
            if o.find(qn("w:startOverride")) is not None
        }
        levels = abstract.get(abstract_id, {})
        lists[list_id] = {
            depth: _Level(lvl.format, lvl.text, restarts.get(depth, lvl.start)) for depth, lvl in levels.items()
        }
        counts[list_id] = f"own {list_id}" if restarts else abstract_id
    return lists, counts


def _level(element: _Element) -> _Level:
    return _Level(
        _value(element, "w:numFmt", "decimal"), _value(element, "w:lvlText", ""), int(_value(element, "w:start", "1"))
    )


def _value(parent: _Element, tag: str, default: str) -> str:
    child = parent.find(qn(tag))
    return default if child is None else str(child.get(qn("w:val"), default))


def _written(number: int, style: str) -> str:
    """A count as Word writes it in `style`; a style that is not known is written in digits."""
    if style.startswith(("chinese", "taiwanese", "japaneseCounting", "ideograph")) and 0 < number < 100:
        return re.sub("^一十", "十", str(cn2an.an2cn(number, "low")))
    if style == "decimalFullWidth":
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    if style.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if style in ("upperLetter", "lowerLetter") and 0 < number <= 26:
        return chr((65 if style == "upperLetter" else 97) + number - 1)
    return str(number)
