"""OpenTelemetry traces of answers, where a collector is named. The extra `otel` brings what this needs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from server.answering.model import Answer
from server.settings import SettingsError

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""OpenTelemetry's own variable; its others, for headers and time-outs, count too."""
Trace = Callable[[Answer], None]


def tracer() -> Trace | None:
    """What traces answers to the collector of the environment; None where none is named.

    :raises SettingsError: a collector is named, but the extra is not installed.
    """
    if not os.environ.get(ENDPOINT):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise SettingsError(f"{ENDPOINT} is set, but {error.name} is missing: pip install 'planqa[otel]'") from error
    provider = TracerProvider(resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "planqa")}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return trace_with(provider)


def trace_with(provider: Any, clock: Callable[[], int] = time.time_ns) -> Trace:
    """What makes of each answer a span, and one below it for each stage; without a word of what was asked."""
    from opentelemetry.trace import set_span_in_context

    made = provider.get_tracer("planqa")

    def trace(answer: Answer) -> None:
        stages = {name: ms for name, ms in answer.timings_ms.items() if not name.startswith("retrieve_")}
        moment = clock() - sum(_nanoseconds(ms) for ms in stages.values())
        about = {"planqa.status": answer.status.value, "planqa.mode": answer.mode, "planqa.snapshot": answer.snapshot}
        whole = made.start_span("answer", attributes={**about, "planqa.answer": answer.id}, start_time=moment)
        context = set_span_in_context(whole)
        for name, ms in stages.items():
            stage = made.start_span(name, context=context, start_time=moment)
            moment += _nanoseconds(ms)
            stage.end(moment)
        whole.end(moment)

    return trace


def _nanoseconds(ms: float) -> int:
    return round(ms * 1_000_000)
