"""What is counted and timed, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from server.answering.details import Reply
from server.answering.model import Answer

CONTENT_TYPE = CONTENT_TYPE_LATEST
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"})


class Metrics:
    """The figures of one application. Labels are closed sets: nothing that people type becomes one."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self.requests = self._histogram("planqa_request_seconds", "Requests by route", "method", "route", "status")
        self.answers = self._counter("planqa_answers", "Answers by status and mode", "status", "mode")
        self.stages = self._histogram("planqa_stage_seconds", "Stages of answering", "stage")
        self.sentences = self._counter("planqa_sentences", "Verified sentences shown, by origin", "origin")
        self.replies = self._counter("planqa_model_replies", "Replies asked of the language model", "result")
        self.judged = self._counter("planqa_model_sentences", "What became of the model's sentences", "fate")
        self.problems = self._counter("planqa_model_problems", "Why the model's sentences were not shown", "problem")
        self.tokens = self._counter("planqa_model_tokens", "Tokens as the model's server counts them", "kind")
        self.refused = self._counter("planqa_refused", "Questions turned away before answering", "reason")
        self.failures = self._counter("planqa_failures", "What failed and was survived", "part")

    def watch(self, name: str, about: str, read: Callable[[], float]) -> None:
        """Show what `read` returns at the moment."""
        Gauge(name, about, registry=self._registry).set_function(read)

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count and time one request."""
        self.requests.labels(method if method in _METHODS else "other", route, str(status)).observe(seconds)

    def observe_answer(self, answer: Answer) -> None:
        """Count an answer and time its stages."""
        self.answers.labels(answer.status.value, answer.mode).inc()
        for stage, ms in answer.timings_ms.items():
            self.stages.labels(stage).observe(ms / 1000)
        for sentence in answer.sentences:
            self.sentences.labels(sentence.origin).inc()
        if answer.details.reply is not None:
            self._observe_reply(answer.details.reply)

    def _observe_reply(self, reply: Reply) -> None:
        """Count a model's reply: how it ended, and what became of its sentences and why."""
        self.replies.labels(reply.failure or "complete").inc()
        for fate, count in reply.fates.items():
            self.judged.labels(fate).inc(count)
        for problem in (problem for sentence in reply.sentences for problem in sentence.problems):
            self.problems.labels(problem).inc()
        self.tokens.labels("prompt").inc(reply.prompt_tokens)
        self.tokens.labels("reply").inc(reply.reply_tokens)
        if reply.first_ms is not None:
            self.stages.labels("write_first").observe(reply.first_ms / 1000)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, *labels: str) -> Histogram:
        return Histogram(name, about, labels, registry=self._registry, buckets=_FAST)
