"""The service while the language model's server fails in every way there is; `make soak` has the long form."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

import httpx
import pytest
from serving import serving

from ingest.model import Corpus
from server.answering.generate import Writer
from server.answering.model import Answer
from server.answering.pipeline import Knowledge
from server.app import create_app
from server.breaker import Breaker
from server.llm import OpenAiModel
from server.llm_fake import FAULTS, FakeLlm, Script
from server.service import Service
from server.settings import Settings

pytestmark = pytest.mark.soak
MODEL_SECONDS = 3.0
SLACK_SECONDS = 15
"""For fifty threads on two busy cores, on top of the time that a model may take."""


def test_a_model_with_every_fault_costs_nobody_the_answer(
    knowledge: Knowledge, corpus: Corpus, is_long: bool, figure: Callable[[str], None]
) -> None:
    seconds, clients = (300, 50) if is_long else (10, 12)
    questions = ["2023年登记失业率是多少？", "第五立面是什么意思？", "优化营商环境有哪些安排？", "和平门在哪里？"]
    statuses: Counter[int] = Counter()
    answers: list[Answer] = []
    took: list[float] = []
    # The breaker's clock runs a hundred times as fast: with real rests hardly any fault would be met.
    breaker = Breaker(lambda: time.monotonic() * 100)
    with FakeLlm(Script(_repeat_the_source, faults=itertools.cycle(("", *FAULTS)))) as fake:
        writer = Writer(OpenAiModel(fake.base_url, "fake", seconds=MODEL_SECONDS), breaker, 1_500)
        service = Service(lambda: knowledge, writer=writer)
        with serving(create_app(service, Settings(rate_limit="off", trusted_proxies="127.0.0.1"))) as address:  # type: ignore[arg-type]
            until = time.monotonic() + seconds

            def is_going_on() -> bool:
                """Also on a busy machine until every fault was met."""
                return (left := until - time.monotonic()) > 0 or (len(fake.met) <= len(FAULTS) and left > -120)

            def ask(number: int) -> None:
                with httpx.Client(timeout=120, headers={"x-forwarded-for": f"192.0.2.{number}"}) as http:
                    while is_going_on():
                        begun = time.perf_counter()
                        question = questions[len(took) % len(questions)]
                        response = http.post(f"{address}/api/chat", json={"question": question})
                        took.append(time.perf_counter() - begun)
                        statuses[response.status_code] += 1
                        if response.status_code == 200:
                            answers.append(Answer.model_validate_json(response.text))

            threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, clients + 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert set(statuses) == {200}
    assert set(fake.met) == {"", *FAULTS}
    for given in answers:
        for citation in given.citations:
            assert corpus.report.text[citation.start : citation.end] == citation.quote
        assert "98765" not in given.answer
        assert not given.status.startswith("error")
    writing = [given.timings_ms["write"] / 1000 for given in answers if "write" in given.timings_ms]
    assert max(writing) < MODEL_SECONDS + SLACK_SECONDS
    took.sort()
    figure(
        f"{clients} clients for {seconds} s: {len(answers)} answers, all 200, {len(writing)} of them put to the model, "
        f"{sum(a.mode == 'llm' for a in answers)} with its words; each of {len(FAULTS)} faults met at least "
        f"{min(fake.met.values())} times; writing took {max(writing):.1f} s at most where the model has "
        f"{MODEL_SECONDS:.0f} s, an answer {took[len(took) // 2]:.1f} s in the median and {took[-1]:.1f} s at most"
    )


def _repeat_the_source(messages: Sequence[dict[str, str]]) -> str:
    """The first source's first clause in words that are not quite its own, and a lie."""
    found = re.search(r'编号="1"[^>]*>([^，。；]*)', messages[1]["content"])
    return f"其中，{found[1] if found else '资料中没有'}。[1]共有98765处。[1]"
