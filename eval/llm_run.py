"""Gold items → answers written by a language model, with and without the verifier, beside those written without one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.gold_set import GoldItem
from eval.metrics import Retrieved, Score, score, words
from eval.run import Done, run_one
from prompts.render import render
from server.answering.draft import Source
from server.answering.generate import Record, Writer, sources_named
from server.answering.model import Answer, AnswerSentence, Citation
from server.answering.pipeline import Knowledge, run, to_answer
from server.answering.wording import missing, plain
from server.llm import Message
from server.places import Places


@dataclass(frozen=True, slots=True)
class Written:
    """One item asked once: the answer without the model, with it, and the model's reply taken at its word.

    `record` is None where the model was not asked, and `raw` with it.
    """

    item: GoldItem
    extractive: Score
    answer: Answer
    score: Score
    record: Record | None
    raw: Answer | None
    raw_score: Score | None
    invented: int
    seconds: float | None
    """How long it took, None where that says nothing of the model."""
    verdict: str = ""
    """What the model says of the answer when it is the judge; '' where it was not asked or said something else."""


def run_written(
    knowledge: Knowledge,
    items: Sequence[GoldItem],
    writer: Writer,
    runs: int = 1,
    judged: bool = False,
    done: Done = lambda: None,
) -> list[Written]:
    """Ask every item `runs` times; where `judged`, the model also says what it thinks of each answer."""
    found = []
    for item in items:
        extractive = run_one(knowledge, item).score
        for _ in range(runs):
            one = _written(knowledge, item, writer, extractive)
            is_judged = judged and item.expected == "answer" and one.answer.status.is_answer
            found.append(replace(one, verdict=judge(writer, item, one.answer)) if is_judged else one)
            done()
    return found


def judge(writer: Writer, item: GoldItem, answer: Answer) -> str:
    """What the model says of an answer beside the reference: one of `VERDICTS`, '' where it says anything else."""
    prompt = render("judge", question=item.question, reference=item.answer, answer=words(answer))
    messages = [Message("system", prompt.system), Message("user", prompt.user)]
    reply = "".join(writer.pieces(messages, Record())).strip().rstrip("。")
    return reply if reply in VERDICTS else ""


VERDICTS = ("正确", "部分正确", "错误")


def without_times(written: Sequence[Written]) -> list[Written]:
    """The same answers where replies came from a file, in no time: how long a model takes is not known of them."""
    return [
        replace(one, seconds=None, record=replace(one.record, first_ms=None) if one.record else None) for one in written
    ]


def _written(knowledge: Knowledge, item: GoldItem, writer: Writer, extractive: Score) -> Written:
    state = run(knowledge, item.question, item.history, writer)
    answer = to_answer(state)
    scored = score(item, answer, knowledge.places, Retrieved())
    seconds = sum(answer.timings_ms.values()) / 1000
    record = state.writing.record if state.writing else None
    if record is None or not record.judged:
        return Written(item, extractive, answer, scored, record, None, None, 0, seconds)
    raw, invented = taken_at_its_word(answer, record, knowledge.places)
    return Written(
        item,
        extractive,
        answer,
        scored,
        record,
        raw,
        score(item, raw, knowledge.places, Retrieved()),
        invented,
        seconds,
    )


def taken_at_its_word(answer: Answer, record: Record, places: Mapping[str, Places]) -> tuple[Answer, int]:
    """The reply shown as it came, with the sources it names, and how many of the sources it names there are not."""
    markers: dict[Source, int] = {}
    sentences, invented = [], 0
    for claim, _ in record.judged:
        sources = sources_named(claim, record.sources)
        invented += len(set(claim.numbers) - {source.number for source in record.sources})
        numbers = tuple(markers.setdefault(source, len(markers) + 1) for source in sources)
        sentences.append(AnswerSentence(text=claim.text, markers=numbers, origin="generated"))
    citations = tuple(
        Citation(marker=marker, **places[source.corpus.report.id].place(source.span).model_dump())
        for source, marker in markers.items()
    )
    return answer.model_copy(update={"sentences": tuple(sentences), "citations": citations}), invented


def support(answer: Answer) -> float | None:
    """Support: the share of the content of the generated sentences that their own citations hold; None without any."""
    quotes = {c.marker: plain(f"{c.quote}|{c.title}") for c in answer.citations}
    total = absent = 0
    for sentence in answer.sentences:
        if sentence.origin == "generated":
            count, lacking, _ = missing(plain(sentence.text), "|".join(quotes[m] for m in sentence.markers))
            total, absent = total + count, absent + lacking
    return 1 - absent / total if total else None


def figures(written: Sequence[Written]) -> dict[str, Any]:
    """Every figure of the runs; rates are shares of the answers or sentences named beside them."""
    asked = [w for w in written if w.record is not None]
    judged = [outcome for w in asked if w.record for _, outcome in w.record.judged]
    firsts = [w.record.first_ms / 1000 for w in asked if w.record and w.record.first_ms is not None]
    return {
        "questions": len(written),
        "asked_of_the_model": len(asked),
        "answers_with_generated_text": sum(w.answer.mode == "llm" for w in written),
        "strict": {
            "without_model": _mean([w.extractive.strict for w in written]),
            "verified": _mean([w.score.strict for w in written]),
            "unverified": _mean([(w.raw_score or w.score).strict for w in written]),
        },
        "num_faithful": {
            "verified": _mean([w.score.num_faithful for w in written]),
            "unverified": _mean([(w.raw_score or w.score).num_faithful for w in written]),
            "unverified_of_the_model_alone": _mean([w.raw_score.num_faithful for w in written if w.raw_score]),
        },
        "support": {
            "verified": _mean([support(w.answer) for w in written]),
            "unverified": _mean([support(w.raw) for w in written if w.raw]),
        },
        "citations": {
            "shown": sum(len(w.answer.citations) for w in written),
            "verbatim_and_resolving": _mean([w.score.quote_exact and w.score.cite_resolves for w in written]),
            "invented_by_the_model": sum(w.invented for w in written),
        },
        "sentences": {
            "written": len(judged),
            "shown": judged.count("shown"),
            "shown_as_quotes": judged.count("quoted"),
            "dropped_or_replaced": sum(outcome not in ("shown", "quoted") for outcome in judged),
            "reasons": dict(
                Counter(p for o in judged if o not in ("shown", "quoted") for p in o.split(",")).most_common()
            ),
        },
        "judge": _verdicts([w for w in written if w.verdict]),
        "fallbacks": dict(Counter(w.record.failure for w in asked if w.record and w.record.failure)),
        "seconds_to_first_sentence": _spread(firsts),
        "seconds_a_question": _spread([w.seconds for w in asked if w.seconds is not None]),
        "prompt_tokens_a_question": _spread(
            [w.record.prompt_tokens for w in asked if w.record and w.record.prompt_tokens]
        ),
        "reply_tokens_a_question": _spread(
            [w.record.reply_tokens for w in asked if w.record and w.record.reply_tokens]
        ),
    }


def write(written: Sequence[Written], about: Mapping[str, Any], out: Path) -> None:
    """Put `llm.json` with the figures and `llm_answers.jsonl` with every answer and verdict into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    record = json.dumps({"about": about, "figures": figures(written)}, ensure_ascii=False, indent=2)
    (out / "llm.json").write_text(record + "\n", encoding="utf-8")
    with (out / "llm_answers.jsonl").open("w", encoding="utf-8") as lines:
        for one in written:
            lines.write(json.dumps(_line(one), ensure_ascii=False) + "\n")


def show(written: Sequence[Written], console: Console) -> None:
    """Print the figures."""
    table = Table("figure", "value", title="answers written by the model", title_justify="left")
    for name, value in figures(written).items():
        entries = value.items() if isinstance(value, dict) else [("", "–" if value is None else value)]
        for part, number in entries:
            table.add_row(f"{name} {part}".strip(), f"{number:.3f}" if isinstance(number, float) else str(number))
    console.print(table)


def problems(written: Sequence[Written]) -> list[str]:
    """What may not be: a number that its citation does not hold, a citation that is not the report's, a loss in Strict."""
    said = figures(written)
    found = []
    if said["num_faithful"]["verified"] not in (None, 1.0):
        found.append("a number shown does not stand in its citation")
    if said["citations"]["verbatim_and_resolving"] not in (None, 1.0):
        found.append("a citation is not the report's")
    if (said["strict"]["without_model"] or 0.0) - (said["strict"]["verified"] or 0.0) > STRICT_LOSS:
        found.append(f"Strict is more than {STRICT_LOSS} below the answers without the model")
    return found


STRICT_LOSS = 0.03


def _line(one: Written) -> dict[str, Any]:
    judged = [(c.text, list(c.numbers), outcome) for c, outcome in one.record.judged] if one.record else []
    return {
        "item": one.item.id,
        "question": one.item.question,
        "status": one.answer.status,
        "mode": one.answer.mode,
        "answer": words(one.answer),
        "origins": [sentence.origin for sentence in one.answer.sentences],
        "judged": judged,
        "failure": one.record.failure if one.record else "",
        "strict": [one.extractive.strict, one.score.strict],
        "num_faithful": [one.score.num_faithful, one.raw_score.num_faithful if one.raw_score else None],
        "seconds": None if one.seconds is None else round(one.seconds, 2),
    }


def _verdicts(judged: Sequence[Written]) -> dict[str, float] | None:
    """The share of each verdict, and how often 正确 and Strict agree; None where nothing was judged."""
    if not judged:
        return None
    shares = {verdict: sum(w.verdict == verdict for w in judged) / len(judged) for verdict in VERDICTS}
    return shares | {
        "agrees_with_strict": sum((w.verdict == "正确") == bool(w.score.strict) for w in judged) / len(judged)
    }


def _mean(values: Sequence[float | bool | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    """Median and 95th percentile; None without values."""
    if not values:
        return None
    p95 = quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
    return {"p50": round(median(values), 2), "p95": round(p95, 2)}
