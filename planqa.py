"""The console script: a command for each stage. Each prints for people, and JSON with --json.

Stages are imported inside their command, so that `planqa define` does not wait for a model to load.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from index.embedder import Progress
    from ingest.model import Corpus
    from server.answering.pipeline import Knowledge
    from server.settings import Settings

OUT = Console()
ERR = Console(stderr=True)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        fail(f"{message} (try `{self.prog} --help`)")


def fail(message: str) -> NoReturn:
    """End with one line and exit code 2."""
    print("planqa: " + " ".join(message.split()), file=sys.stderr)
    raise SystemExit(2)


def main(arguments: list[str] | None = None) -> None:
    """Run one command; a bad argument, setting, file, folder or snapshot ends with one line and exit code 2."""
    # numpy's own threads wait for each other in products as small as ours: 180 ms instead of 3 where the machine is
    # busy. It counts only before numpy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["scale"]:
        from eval.scale import main as scale

        raise SystemExit(scale(given[1:]))
    if given[:1] == ["eval"]:
        try:
            from eval.cli import main as evaluate
        except ModuleNotFoundError as error:
            fail(f"`planqa eval` needs {error.name}; install it with `pip install 'planqa[eval]'`")
        raise SystemExit(evaluate(given[1:]))
    if given[:1] == ["bench"]:
        try:
            from eval.bench import main as measure
        except ModuleNotFoundError as error:
            fail(f"`planqa bench` needs {error.name}; install it with `pip install 'planqa[eval]'`")
        raise SystemExit(measure(given[1:]))
    options = _parser().parse_args(given)
    try:
        options.run(options)
    except _refusals() as error:
        fail(str(error))
    except BrokenPipeError:
        _leave_pipe()
    except OSError as error:
        fail(f"{error.filename or 'the system'}: {error.strerror}" if error.strerror else str(error))
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _refusals() -> tuple[type[Exception], ...]:
    """The errors whose message is all that there is to say."""
    from index.manifest import SnapshotError
    from index.models import ModelUnavailable
    from ingest.readers import UnreadableFile
    from server.settings import SettingsError

    return UnreadableFile, SnapshotError, ModelUnavailable, SettingsError


def _leave_pipe() -> NoReturn:
    """End quietly where the reader of the output has gone, as in `planqa … | head`."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(1)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="planqa", description="Answers questions about a government plan report, with citations.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def command(name: str, run: Callable[[argparse.Namespace], None], about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        added.set_defaults(run=run)
        added.add_argument("--json", action="store_true", help="print JSON")
        return added

    ingest = command("ingest", _ingest, "Parse report files and say what was found and what was not understood.")
    ingest.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="default: the reports of PLANQA_REPORTS_DIR"
    )
    ingest.add_argument("--out", type=Path, metavar="FOLDER", help="write each corpus below this folder")
    index = command("index", _index, "Build the snapshot of all reports and publish it.")
    index.add_argument("--rebuild", action="store_true", help="build anew even where an equal snapshot is there")
    index.add_argument("--rollback", action="store_true", help="publish the snapshot before this one again")
    search = command("search", _search, "Show the evidence that is found for a question, with the scores of the legs.")
    search.add_argument("question")
    search.add_argument("-k", type=_positive, default=10, metavar="N", help="how many to show (default 10)")
    ask = command("ask", _ask, "Answer a question with citations.")
    ask.add_argument("question")
    for one in (search, ask):
        one.add_argument("--report", default="", metavar="ID", help="ask this report alone (`planqa ingest` shows ids)")
    command("define", _define, "Show a glossary term: its definition and where the report uses it.").add_argument(
        "term"
    )
    command("indicator", _indicator, "Show rows of the plan table by name.").add_argument("name")
    tools = "Serve the report as tools for other programs' language models (MCP) on standard input and output."
    commands.add_parser("mcp", help=tools, description=tools).set_defaults(run=_mcp)
    commands.add_parser("eval", help="Measure the answers on gold questions.", add_help=False)
    commands.add_parser("bench", help="Measure how long everything takes.", add_help=False)
    commands.add_parser("scale", help="Measure building and searching from 1e3 to 1e6 passages.", add_help=False)
    serve = command("serve", _serve, "Serve the chat, building the snapshot first where it is missing.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=8000)
    return parser


def _ingest(options: argparse.Namespace) -> None:
    from ingest.corpus import ingest_file, ingest_folder

    corpora = [ingest_file(path) for path in options.files] or list(ingest_folder(_settings().reports_dir))
    for corpus in corpora:
        if options.out:
            corpus.save(options.out / corpus.report.id)
    if options.json:
        _print_json([_corpus_summary(corpus) for corpus in corpora])
        return
    for corpus in corpora:
        _print_corpus(corpus)


def _index(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from index.build import Changes, build_snapshot, changes, published_sources
    from index.embedder import SentenceTransformerEmbedder
    from index.milvus import connect
    from index.snapshot import SnapshotStore

    settings = _settings()
    store = SnapshotStore(settings.data_dir, connect(settings.vector_store))
    if options.rollback:
        if options.rebuild:
            fail("--rollback builds nothing; give it without --rebuild")
        before, manifest = published_sources(store), store.rollback()
        changed = Changes.between(before, manifest.sources)
    else:
        changed = changes(settings.reports_dir, store)
        embedder = SentenceTransformerEmbedder(settings.embedding_model)
        manifest = build_snapshot(settings.reports_dir, store, embedder, _bar, rebuild=options.rebuild)
    if options.json:
        _print_json({**asdict(manifest), "changes": asdict(changed)})
        return
    for what, names in asdict(changed).items():
        for name in names:
            OUT.print(f"{what} {name}", markup=False)
    OUT.print(f"snapshot {manifest.id}: {manifest.rows} rows of {', '.join(manifest.corpora)}, {manifest.model}")


def _search(options: argparse.Namespace) -> None:
    from index.years import years_in

    question = _question(options.question)
    snapshot = _knowledge().snapshot
    _check_report(options.report, snapshot.corpora)
    report = options.report or snapshot.default.report.id
    years = years_in(question, snapshot.corpora[report].report)
    found = snapshot.searches[report].find(question, years, options.k)
    rows: list[dict[str, Any]] = [
        {"kind": e.entry.kind, "report": e.entry.corpus.report.id, "year": e.entry.year, "score": round(e.score, 4)}
        | {"legs": {leg: round(score, 4) for leg, score in e.legs.items()}, "text": e.entry.text}
        for e in found.evidence
    ]
    if options.json:
        _print_json({"question": question, "years": years, "evidence": rows, "timings_ms": found.timings_ms})
        return
    table = Table("score", "kind", "year", "legs", "text", show_lines=True)
    for row in rows:
        legs = " ".join(f"{leg} {score:.2f}" for leg, score in row["legs"].items())
        table.add_row(f"{row['score']:.3f}", row["kind"], str(row["year"] or ""), legs, row["text"])
    OUT.print(table)


def _ask(options: argparse.Namespace) -> None:
    from server.answering.pipeline import answer
    from server.serve import load_writer

    question = _question(options.question)
    knowledge = _knowledge()
    _check_report(options.report, knowledge.snapshot.corpora)
    given = answer(knowledge, question, writer=load_writer(_settings()), report=options.report)
    if options.json:
        print(given.model_dump_json(indent=2))
        return
    OUT.print(given.answer, markup=False)
    if given.notice:
        OUT.print(given.notice, style="yellow", markup=False)
    several = len(knowledge.snapshot.known) > 1
    for place in given.citations or given.related:
        marker = f"[{place.marker}] " if hasattr(place, "marker") else "· "
        OUT.print(
            f"  {marker}{f'{place.report} › ' if several else ''}{place.title}\n      {place.quote}",
            style="dim",
            markup=False,
        )


def _define(options: argparse.Namespace) -> None:
    from server.lookup import find_terms, term_view

    found = [(corpus, term) for corpus in _corpora() for term in find_terms(corpus, options.term)]
    if not found:
        fail(f"no term like '{options.term}' in the glossary")
    views = [term_view(corpus, term) for corpus, term in found]
    if options.json:
        _print_json(views)
        return
    several = len({view["report"] for view in views}) > 1
    for view in views:
        name = f"{view['number']} {view['name']}" + (f"（{view['report']}）" if several else "")
        OUT.print(name, style="bold", markup=False)
        OUT.print(view["definition"], markup=False)
        for use in view["uses"]:
            OUT.print(f"  · {use['title']}\n      {use['quote']}", style="dim", markup=False)


def _indicator(options: argparse.Namespace) -> None:
    from server.lookup import find_indicators, indicator_view

    found = [(corpus, row) for corpus in _corpora() for row in find_indicators(corpus, options.name)]
    if not found:
        fail(f"no indicator like '{options.name}' in the plan table")
    views = [indicator_view(corpus, row) for corpus, row in found]
    if options.json:
        _print_json(views)
        return
    several = len({view["report"] for view in views}) > 1
    for view in views:
        name = f"{view['number']} {view['name']}（{view['unit']}）" + (f"（{view['report']}）" if several else "")
        OUT.print(name, style="bold", markup=False)
        for value in view["values"]:
            OUT.print(f"  {value['header']}：{value['text']}", markup=False)
        OUT.print(f"  {view['attribute']} · {view['dimension']}\n  {view['quote']}", style="dim", markup=False)


def _serve(options: argparse.Namespace) -> None:
    # Until all is loaded there is next to no garbage, but going through what is there takes longer each time.
    gc.disable()
    from server.serve import serve
    from server.storage import StorageError

    baseline = Path(__file__).parent / "eval" / "baseline.json"
    try:
        serve(_settings(), options.host, options.port, _bar, lambda words: print(words, flush=True), baseline)
    except StorageError as error:
        fail(str(error))


def _mcp(_: argparse.Namespace) -> None:
    import anyio

    from server.mcp import serve_stdio
    from server.serve import load_service
    from server.storage import StorageError, Store

    settings = _settings()
    try:
        service = load_service(settings, _bar, Store(settings.database))
    except StorageError as error:
        fail(str(error))
    service.start()
    anyio.run(serve_stdio, service)


def _settings() -> Settings:
    from server.settings import read_settings

    return read_settings()


def _knowledge() -> Knowledge:
    from server.serve import Loader

    return Loader(_settings(), _bar)()


def _corpora() -> tuple[Corpus, ...]:
    from ingest.corpus import ingest_folder

    return ingest_folder(_settings().reports_dir)


def _check_report(report: str, known: Mapping[str, Corpus]) -> None:
    if report and report not in known:
        fail(f"no report '{report}'; loaded: {', '.join(known)}")


def _question(text: str) -> str:
    from server.answering.model import QUESTION_LIMIT

    if not 0 < len(text.strip()) <= QUESTION_LIMIT:
        fail(f"a question has 1 to {QUESTION_LIMIT} characters, this one has {len(text.strip())}")
    if any("\ud800" <= character <= "\udfff" for character in text):
        fail("the question is not readable text; the terminal must send UTF-8")
    return text


@contextmanager
def _bar(rows: int) -> Iterator[Progress]:
    """A progress bar on the error stream; plain output where that is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("embedding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=ERR) as progress:
        task = progress.add_task("", total=rows)
        yield lambda done: progress.advance(task, done)


def _corpus_summary(corpus: Corpus) -> dict[str, Any]:
    from ingest.model import to_json

    report = corpus.report
    return {
        "report": report.id,
        "title": report.title,
        "place": report.place,
        "year_reviewed": report.year_reviewed,
        "year_planned": report.year_planned,
        "characters": len(report.text),
        "sections": len(corpus.sections),
        "passages": len(corpus.passages),
        "terms": len(corpus.terms),
        "indicators": len({row.number or row.id for row in corpus.indicators}),
        "value_rows": len(corpus.indicators),
        "notices": to_json(corpus.notices),
    }


def _print_corpus(corpus: Corpus) -> None:
    summary = _corpus_summary(corpus)
    table = Table(title=corpus.report.title, show_header=False, title_justify="left")
    for name, value in summary.items():
        if name not in ("title", "notices"):
            table.add_row(name, str(value if value not in (None, "") else "not found"))
    OUT.print(table)
    for notice in corpus.notices:
        OUT.print(f"{corpus.report.source}:{notice.line}: {notice.message}", style="yellow", markup=False)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    main()
