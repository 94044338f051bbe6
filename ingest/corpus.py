"""Report file → corpus: the stage's steps, in order."""

from __future__ import annotations

from pathlib import Path

from ingest.about import read_about
from ingest.canonical import Line, canonicalise
from ingest.indicators import parse_indicators
from ingest.model import Corpus, Notice, Report
from ingest.outline import parse_outline
from ingest.passages import make_passages
from ingest.readers import UnreadableFile, is_document, read, suffixes
from ingest.terms import parse_terms


def ingest_file(path: Path) -> Corpus:
    """Read and parse one report; its id is the file's name without suffix.

    :raises UnreadableFile: the file cannot be read, or holds no running text.
    """
    document = read(path)
    canonical = canonicalise(document)
    about = read_about([b.text for b in canonical.blocks if isinstance(b, Line)], fallback_title=path.stem)
    outline = parse_outline(canonical, (about.year_reviewed, about.year_planned))
    terms, term_notices = parse_terms(canonical.text, outline)
    indicators, table_notices = parse_indicators(canonical.text, outline)
    passages = make_passages(canonical.text, outline, tuple(term.span for term in terms))
    if not (passages or terms or indicators):
        raise UnreadableFile(f"{path}: the file holds no running text, only headings; check how it was saved")
    report = Report(path.stem, *about, source=path.name, text=canonical.text)
    unread = (Notice(line, words) for line, words in document.notices)
    notices = (*unread, *outline.notices, *term_notices, *table_notices, *_missing(report))
    return Corpus(report, outline.sections, passages, terms, indicators, tuple(sorted(notices, key=lambda n: n.line)))


def ingest_folder(folder: Path) -> tuple[Corpus, ...]:
    """Every readable report in `folder`, in name order.

    :raises UnreadableFile: no such folder, no report in it, two reports with the same id, or one that cannot be read.
    """
    return tuple(ingest_file(path) for path in report_files(folder))


def report_files(folder: Path) -> list[Path]:
    """The report files in `folder`, in name order; a document of a kind that is not read is one too, so that it is refused.

    :raises UnreadableFile: no such folder, no report in it, or two reports with the same id.
    """
    if not folder.is_dir():
        raise UnreadableFile(f"{folder}: no such folder; name the folder that holds the report files")
    paths = sorted(path for path in folder.iterdir() if is_document(path))
    if not paths:
        raise UnreadableFile(f"{folder}: no report in it; supported: {', '.join(suffixes())}")
    stems = [path.stem for path in paths]
    for path in paths:
        if stems.count(path.stem) > 1:
            raise UnreadableFile(f"{path}: another file has the same name; the name is the report's id, rename one")
    return paths


def _missing(report: Report) -> list[Notice]:
    notices = []
    if report.year_reviewed is None:
        notices.append(Notice(1, "the years of the report could not be read; questions about 今年 and 去年 stay open"))
    if not report.place:
        notices.append(Notice(1, "the place of the report could not be read"))
    return notices
