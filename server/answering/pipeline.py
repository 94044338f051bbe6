"""Question → answer: the steps, in order.

Each step reads and extends the state; one that sets a draft before `compose` ends the search for an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from uuid import uuid4

from index.search import Found
from index.stored import Known
from index.years import years_in
from server.answering import scope
from server.answering.claims import tells_a_year
from server.answering.clean import clean, simplify
from server.answering.compare import Given, label_source, side_by_side
from server.answering.compose import compose, refuse
from server.answering.details import Details, Weighed
from server.answering.dialect import standard
from server.answering.draft import Draft, DraftSentence, Source
from server.answering.english import in_chinese
from server.answering.followup import carried, last_answer, resolve
from server.answering.generate import Task, Writer, is_worth_writing
from server.answering.in_parts import compose_parts
from server.answering.model import Answer, AnswerSentence, Citation, Place, Shown, Status, Turn
from server.answering.parts import sub_questions
from server.answering.questions import Before, Query, understand
from server.answering.replies import GENERATED, from_reports, reply
from server.answering.reports import (
    Route,
    Side,
    complete,
    defined_in,
    places_named,
    route,
    speaks_of_another,
    without_own_place,
)
from server.answering.state import Knowledge as Knowledge
from server.answering.state import State as State
from server.answering.supposed import is_supposed
from server.answering.table import answer_table
from server.answering.verify import verify

Step = Callable[[State], None]

SURE_ALONE = 0.4
"""Least trust in the answer to a question that seems to go on from the last one, taken by itself."""


def understand_question(state: State) -> None:
    """Clean, find the report that is meant, complete from the history, read."""
    state.question = state.put = clean(state.question)
    _find_report(state)
    search = state.knowledge.snapshot.search
    state.resolved = _read(state.knowledge, simplify(state.put))
    if scope.courtesy(state.resolved) is None:
        resolved = resolve(state.resolved, state.history, search.names)
        if state.writer and resolved != state.resolved:
            resolved = state.writer.complete(state.resolved, state.history) or resolved
        state.goes_on = resolved != state.resolved
        state.resolved = resolved
    state.query = _understood(state)


def _read(knowledge: Knowledge, put: str) -> str:
    """The question in Chinese characters and standard words, whatever it is written in."""
    read = knowledge.sound.read(knowledge.pinyin.read(standard(put)))
    return read if scope.out_of_scope(read) else in_chinese(read)


def _understood(state: State) -> Query:
    search = state.knowledge.snapshot.search
    query = understand(state.resolved, state.corpus.report, search.lexical.tokenizer, state.knowledge.rarity)
    told = last_answer(state.history)
    if not told:
        return query
    return replace(query, before=Before(told, search.tokens_of(told) if state.goes_on else None))


def _find_report(state: State) -> None:
    """Choose what the question is put to: the report asked for, or the one or several that it means."""
    if state.report:
        _put_to(state, state.report)
    elif len(state.loaded) > 1 and scope.out_of_scope(simplify(state.put)) is None:
        conversation = complete(simplify(state.put), state.history, state.loaded)
        before = conversation.before or state.loaded[0]
        names = state.knowledge.only(before.report.id).snapshot.search.names
        whole = resolve(conversation.question, conversation.history, names)
        found = route(whole, state.loaded, conversation.before)
        is_open = conversation.before is None and not years_in(whole, found.sides[0].corpus.report)
        if is_open and not places_named(whole, state.loaded):
            found = defined_in(state.knowledge.snapshot.searches, state.loaded, whole) or found
        state.history = conversation.history
        if found.way == "first":
            _put_to(state, _first_that_answers(state.knowledge, found).report.id)
            of_report = found.sides[0].question
            put = conversation.question if of_report == whole else of_report
            state.put = without_own_place(put, state.corpus, state.knowledge.snapshot.search.names)
        else:
            state.put, state.route = whole, found
    else:
        _put_to(state, state.loaded[0].report.id)


def _put_to(state: State, report: str) -> None:
    state.knowledge = state.knowledge.only(report)
    state.corpus = state.knowledge.snapshot.default


def _first_that_answers(knowledge: Knowledge, found: Route) -> Known:
    """The first report of those a question may mean that answers it, else the first."""
    if len(found.sides) > 1:
        for side in found.sides:
            if _draft_of(knowledge, side).status.is_answer:
                return side.corpus
    return found.sides[0].corpus


def _draft_of(knowledge: Knowledge, side: Side) -> Draft:
    """What one report answers to the question as it is put to it."""
    draft = run(knowledge, side.question, report=side.corpus.report.id).draft
    assert draft is not None
    return draft


def check_scope(state: State) -> None:
    """End here with what no report answers."""
    status = scope.out_of_scope(state.resolved)
    report = state.corpus.report
    if status is None and state.route:
        if state.route.way == "choose":
            offered = (state.knowledge.snapshot.corpora[known.report.id] for known in state.route.corpora)
            state.draft = Draft(Status.CLARIFY, related=tuple(filter(None, map(label_source, offered))))
    elif status is None and scope.other_year(state.resolved, report) and not tells_a_year(state.resolved):
        status = Status.OTHER_YEAR
    elif status is None:
        tags = state.knowledge.snapshot.search.lexical.tokenizer.tags(state.resolved)
        others = [c for c in state.loaded if c.report.place != report.place]
        if scope.other_place(tags, report) or speaks_of_another(state.resolved, others, report):
            status = Status.OTHER_PLACE
    if status is not None:
        state.draft = Draft(status)


def retrieve(state: State) -> None:
    """Find the evidence.

    A question put to several reports finds its own in each.
    """
    if state.draft is None and state.route is None:
        snapshot, report = state.knowledge.snapshot, state.corpus.report
        state.parts = sub_questions(state.resolved, report, snapshot.search.names)
        state.found = snapshot.search.find(state.resolved, years_in(state.resolved, report))
        state.timings_ms.update({f"retrieve_{name}": ms for name, ms in state.found.timings_ms.items()})


def compose_answer(state: State) -> None:
    """Put the answer together from the evidence's words."""
    if state.draft is None and state.route:
        corpora = state.knowledge.snapshot.corpora
        sides = [(corpora[side.corpus.report.id], side) for side in state.route.sides]
        given = [Given(corpus, side.question, _draft_of(state.knowledge, side)) for corpus, side in sides]
        state.draft = side_by_side(state.resolved, given, state.route.missing)
    elif state.draft is None:
        _compose(state)
        if state.draft is not None and state.draft.status is Status.NOT_IN_REPORT:
            _take_up(state)


def _take_up(state: State) -> None:
    """Read a question that is not answered as it was read the other way: as going on from the last one, or as it stands."""
    goes_on = state.goes_on
    if goes_on:
        whole = _read(state.knowledge, simplify(state.put))
    else:
        whole = carried(state.resolved, state.history, state.knowledge.snapshot.search.names)
    if whole == state.resolved:
        return
    alone = (state.resolved, state.query, state.found, state.draft)
    state.resolved, state.draft, state.goes_on = whole, None, not goes_on
    state.query = _understood(state)
    retrieve(state)
    _compose(state)
    is_sure = not goes_on or (state.draft is not None and (state.draft.trust or 0) >= SURE_ALONE)
    if state.draft is None or not state.draft.status.is_answer or not is_sure:
        state.resolved, state.query, state.found, state.draft = alone
        state.goes_on = goes_on


def _compose(state: State) -> None:
    assert state.query is not None
    assert state.found is not None
    state.draft = compose(state.query, state.found, state.corpus)
    if state.draft.status is not Status.ANSWERED_CORRECTION:
        is_other_year = scope.other_year(state.resolved, state.corpus.report)
        state.draft = Draft(Status.OTHER_YEAR) if is_other_year else _in_parts(state, state.query, state.draft)


def _in_parts(state: State, query: Query, whole: Draft) -> Draft:
    """The answer to a question that asks several things, each searched for by itself, unless the table has it as a whole."""
    if not state.parts or is_supposed(query.text) or answer_table(query.text, state.corpus):
        return whole
    search, report = state.knowledge.snapshot.search, state.corpus.report

    def find(question: str) -> tuple[Query, Found]:
        part = understand(question, report, search.lexical.tokenizer, state.knowledge.rarity)
        return replace(part, before=query.before), search.find(question, part.years, whole=state.found)

    return compose_parts(query, map(find, state.parts), len(state.parts), whole) or whole


def verify_answer(state: State) -> None:
    """Keep only the sentences that their sources say."""
    assert state.draft is not None
    checked = verify(state.draft)
    if state.draft.sentences and not checked.sentences:
        checked = refuse(Status.NOT_IN_REPORT, state.found) if state.found else Draft(Status.NOT_IN_REPORT)
    state.draft = checked


def cite(state: State) -> None:
    """Number the sources in the order they are first used."""
    assert state.draft is not None
    sources = {(source.corpus.report.id, source.span): source for s in state.draft.sentences for source in s.sources}
    markers = {place: number for number, place in enumerate(sources, 1)}
    state.sentences = tuple(
        AnswerSentence(
            text=s.text, markers=tuple(markers[x.corpus.report.id, x.span] for x in s.sources), origin=s.origin
        )
        for s in state.draft.sentences
    )
    places = enumerate((_place(state, source).model_dump() for source in sources.values()), 1)
    state.citations = tuple(Citation(marker=marker, **place) for marker, place in places)
    state.related = tuple(_place(state, source) for source in state.draft.related)


STEPS: tuple[tuple[str, Step], ...] = (
    ("understand", understand_question),
    ("scope", check_scope),
    ("retrieve", retrieve),
    ("compose", compose_answer),
    ("verify", verify_answer),
    ("cite", cite),
)


def steps(
    knowledge: Knowledge, question: str, history: Sequence[Turn] = (), writer: Writer | None = None, report: str = ""
) -> Generator[str | Shown | Answer, None, None]:
    """Run the steps: yields the name of each as it begins, sentences as a model writes them, and last the answer.

    :raises KeyError: no report is called `report`.
    """
    state = State(knowledge, question, history, report, writer=writer)
    yield from _progress(state)
    yield to_answer(state)


def run(
    knowledge: Knowledge, question: str, history: Sequence[Turn] = (), writer: Writer | None = None, report: str = ""
) -> State:
    """Run the steps and keep all that became known, evidence included.

    :raises KeyError: no report is called `report`.
    """
    state = State(knowledge, question, history, report, writer=writer)
    for _ in _progress(state):
        pass
    return state


def answer(
    knowledge: Knowledge, question: str, history: Sequence[Turn] = (), writer: Writer | None = None, report: str = ""
) -> Answer:
    """Answer one question, in a model's words where there is a writer; from the report called `report`, where one is.

    :raises KeyError: no report is called so.
    """
    return to_answer(run(knowledge, question, history, writer, report))


def _progress(state: State) -> Iterator[str | Shown]:
    for name, step in STEPS:
        if step is cite and state.writer:
            yield from _write(state, state.writer)
        yield name
        _take(name, step, state)


def _write(state: State, writer: Writer) -> Iterator[str | Shown]:
    """Put the answer in a model's words, where it is one to be put so."""
    assert state.draft is not None
    if state.query is None or state.found is None or not is_worth_writing(state.draft):
        return
    yield "write"
    begun, draft = perf_counter(), state.draft
    evidence = [found.entry for found in state.found.evidence]
    tokenizer = state.knowledge.snapshot.search.lexical.tokenizer
    state.writing = writer.start(Task(state.resolved, state.query, evidence, draft, tokenizer))
    shown: list[DraftSentence] = []
    for sentence in state.writing.sentences():
        shown.append(sentence)
        state.draft = replace(draft, sentences=tuple(shown))
        cite(state)
        yield Shown(state.sentences[-1], state.citations)
    notices = [notice for notice in (draft.notice, state.writing.notice) if notice]
    state.draft = replace(draft, sentences=tuple(shown), notice="".join(notices) or None)
    state.timings_ms["write"] = (perf_counter() - begun) * 1000


def _take(name: str, step: Step, state: State) -> None:
    begun = perf_counter()
    step(state)
    state.timings_ms[name] = (perf_counter() - begun) * 1000


def to_answer(state: State) -> Answer:
    """The answer of a state that went through all steps."""
    assert state.draft is not None
    fixed = reply(state.draft.status, state.corpus.report, state.loaded if not state.report else ())
    words = "".join(s.text + "".join(f"[{marker}]" for marker in s.markers) for s in state.sentences)
    is_generated = any(sentence.origin == "generated" for sentence in state.sentences)
    if is_generated:
        words += f"\n{GENERATED}"
    if words and len(state.loaded) > 1:
        words += "\n" + from_reports(
            [c for c in state.loaded if c.report.id in {cited.report for cited in state.citations}]
        )
    return Answer(
        id=uuid4().hex,
        status=state.draft.status,
        question=state.question,
        resolved_question=state.resolved,
        mode="llm" if is_generated else "extractive",
        answer=words or fixed,
        sentences=state.sentences,
        citations=state.citations,
        related=state.related,
        notice=state.draft.notice,
        snapshot=state.knowledge.snapshot.id,
        timings_ms={name: round(ms, 3) for name, ms in state.timings_ms.items()},
    ).detailed(_details(state))


def _details(state: State) -> Details:
    found = state.found.evidence if state.found else ()
    return Details(tuple(map(Weighed.of, found)), state.trust, state.writing.record.reply() if state.writing else None)


def failed(knowledge: Knowledge, question: str) -> Answer:
    """What is said of a question whose answering broke off."""
    state = State(knowledge, clean(question), (), draft=Draft(Status.ERROR_INTERNAL))
    state.resolved = state.question
    return to_answer(state)


def _place(state: State, source: Source) -> Place:
    return state.knowledge.places[source.corpus.report.id].place(source.span)
