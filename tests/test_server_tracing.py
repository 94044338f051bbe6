"""Traces of answers: their stages one after the other, and nothing of what was asked."""

from __future__ import annotations

import builtins

import pytest

from server.answering.model import Answer, Status
from server.settings import SettingsError
from server.tracing import ENDPOINT, trace_with, tracer

ANSWER = Answer(
    id="a1", status=Status.ANSWERED, question="geheim", resolved_question="geheim", mode="extractive", answer="geheim",
    sentences=(), citations=(), related=(), notice=None, snapshot="s1",
    timings_ms={"understand": 1.0, "retrieve_dense": 9.0, "retrieve": 2.0},
)  # fmt: skip


def test_an_answer_is_a_span_with_one_for_each_stage() -> None:
    export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    exporter = export.InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace_with(provider, lambda: 10_000_000)(ANSWER)
    first, second, whole = exporter.get_finished_spans()
    assert [(s.name, s.start_time, s.end_time) for s in (first, second, whole)] == [
        ("understand", 7_000_000, 8_000_000),
        ("retrieve", 8_000_000, 10_000_000),
        ("answer", 7_000_000, 10_000_000),
    ]
    assert first.parent.span_id == whole.context.span_id
    assert whole.attributes["planqa.status"] == "answered"
    assert "geheim" not in "".join(span.to_json() for span in (first, second, whole))


def test_without_a_collector_nothing_is_traced_and_without_the_extra_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    assert tracer() is None
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    load = builtins.__import__

    def missing(name: str, *rest: object) -> object:
        if name.startswith("opentelemetry.exporter"):
            raise ModuleNotFoundError("no", name=name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SettingsError, match=r"planqa\[otel\]"):
        tracer()
