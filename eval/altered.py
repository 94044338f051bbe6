"""Clauses of a report made wrong with its own words → how many of them the check of a model's sentences lets pass.

`python -m eval.altered FILE…` says it for report files. Every word of such a clause still stands in the sentence that it is checked
against; only what is said together is another. Some changes leave a clause that is true or says nothing: what passes is
an upper bound.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from index.lexical import Tokenizer
from ingest.corpus import ingest_file
from ingest.model import Corpus
from server.answering.doings import Tagger
from server.answering.support import LONGEST, Statement, check
from server.answering.wording import is_glue

_CLAUSES = re.compile("[，；。]")
_SHORTEST = 6
"""Characters of the shortest clause that is altered."""
_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?=[个家项条处名人万亿%])")

Alter = Callable[[str, str, Tagger], str | None]
"""A clause, the one after it, the tagger → the clause altered; None where it cannot be."""


def nouns(clause: str, tag: Tagger) -> list[str]:
    """The nouns that stand in the clause once and say something, in order."""
    found = [word for word, kind in tag(clause) if kind.startswith("n") and len(word) > 1 and not is_glue(word)]
    return [word for word in found if clause.count(word) == 1]


def noun_of_the_next(clause: str, following: str, tag: Tagger) -> str | None:
    """The clause with a noun exchanged for one of the next."""
    own = next((noun for noun in nouns(clause, tag) if noun not in following), None)
    other = next((noun for noun in nouns(following, tag) if noun not in clause), None)
    return clause.replace(own, other) if own and other else None


def nouns_exchanged(clause: str, _: str, tag: Tagger) -> str | None:
    """The clause with its first and its last noun exchanged."""
    found = nouns(clause, tag)
    if len(found) < 2:
        return None
    first, last = found[0], found[-1]
    return clause.replace(first, "\0").replace(last, first).replace("\0", last)


def predicate_of_the_next(clause: str, following: str, tag: Tagger) -> str | None:
    """What the clause speaks of, and what the next one says."""
    subject, _ = _parted(clause, tag)
    other, predicate = _parted(following, tag)
    is_other = subject and other and other not in clause and predicate not in clause
    return subject + predicate if is_other else None


def amount_of_the_next(clause: str, following: str, _: Tagger) -> str | None:
    """The clause with the next one's amount."""
    own, other = _AMOUNT.search(clause), _AMOUNT.search(following)
    if not own or not other or own[0] == other[0]:
        return None
    return clause[: own.start()] + other[0] + clause[own.end() :]


ALTERATIONS: dict[str, Alter] = {
    "a noun of the next clause": noun_of_the_next,
    "first and last noun exchanged": nouns_exchanged,
    "the next clause's predicate": predicate_of_the_next,
    "the next clause's amount": amount_of_the_next,
}


def altered(corpora: Sequence[Corpus], alter: Alter, tag: Tagger) -> Iterator[tuple[str, bool]]:
    """Every clause that can be altered so, and whether it is let pass against its own sentence and the next."""
    for corpus in corpora:
        for passage in corpus.passages:
            texts = [sentence.span.of(corpus.report.text) for sentence in passage.sentences]
            statements = [Statement(text, "", passage.year) for text in texts]
            clauses = [(i, clause) for i, text in enumerate(texts) for clause in _CLAUSES.split(text)]
            long = [(i, clause) for i, clause in clauses if _SHORTEST <= len(clause) <= LONGEST]
            for (i, clause), (_, following) in pairwise(long):
                made = alter(clause, following, tag)
                if made and not any(made in text for text in texts):
                    yield made, check(f"{made}。", statements[i : i + 2], tag).holds


def _parted(clause: str, tag: Tagger) -> tuple[str, str]:
    """A clause that begins with a noun, parted before its first verb; two empty strings for any other."""
    pairs = tag(clause)
    verb = next((i for i, (_, kind) in enumerate(pairs) if kind.startswith("v")), 0)
    if not verb or not pairs[0][1].startswith("n"):
        return "", ""
    return "".join(word for word, _ in pairs[:verb]), "".join(word for word, _ in pairs[verb:])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what was tried and what passed; with `--show`, each that passed."""
    parser = argparse.ArgumentParser(prog="python -m eval.altered", description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--show", action="store_true", help="print each clause that passed")
    options = parser.parse_args(arguments)
    corpora, tag = [ingest_file(path) for path in options.files], Tokenizer([]).tags
    table = Table("altered by", "tried", "passed")
    console = Console()
    for name, alter in ALTERATIONS.items():
        found = list(altered(corpora, alter, tag))
        passed = [made for made, holds in found if holds]
        table.add_row(name, str(len(found)), str(len(passed)))
        for made in passed if options.show else ():
            console.print(made, highlight=False)
    console.print(table)


if __name__ == "__main__":
    main()
