"""Generated answers through every door: the event stream, the page, the plain API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.answering.generate import Writer
from server.answering.pipeline import Knowledge
from server.answering.replies import GENERATED
from server.app import create_app
from server.breaker import FAILURES, Breaker
from server.llm import OpenAiModel
from server.llm_fake import FakeLlm, Script
from server.serve import load_writer
from server.service import Service
from server.settings import Settings
from server.storage import Store

QUESTION = "2023年登记失业率是多少？"
GOOD = "2023年连续九年创建北京市充分就业区，登记失业率为2.35%，保持全市最优。[1]"


@pytest.fixture(scope="module")
def client(knowledge: Knowledge) -> Iterator[TestClient]:
    with FakeLlm(Script(GOOD)) as fake:
        writer = Writer(OpenAiModel(fake.base_url, "fake", seconds=5), Breaker(), 1_500)
        app = create_app(Service(lambda: knowledge, writer=writer), Settings(rate_limit="off"))
        with TestClient(app) as client:
            yield client


def test_sentences_are_sent_once_each_after_their_citations_and_before_the_whole(client: TestClient) -> None:
    text = client.post("/api/chat", json={"question": QUESTION}, headers={"accept": "text/event-stream"}).text
    events = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    names = [event["event"] for event in events]
    whole = json.loads(events[-1]["data"])
    assert names[-1] == "done"
    assert {"stage": "write"} in [json.loads(event["data"]) for event in events if event["event"] == "status"]
    assert [json.loads(e["data"]) for e in events if e["event"] == "sentence"] == whole["sentences"]
    assert [json.loads(e["data"]) for e in events if e["event"] == "citation"] == whole["citations"]
    assert names.index("citation") < names.index("sentence")
    # A sentence is out before the last step has begun: it did not wait for the whole.
    assert names.index("sentence") < max(i for i, name in enumerate(names) if name == "status")


def test_the_answer_says_that_it_was_generated_in_every_form(client: TestClient) -> None:
    plain = client.post("/api/chat", json={"question": QUESTION}).json()
    assert plain["mode"] == "llm"
    assert plain["sentences"][0]["origin"] == "generated"
    assert plain["answer"].endswith(GENERATED)
    page = client.post("/", data={"question": QUESTION}, headers={"accept": "text/html"}).text
    assert GENERATED in page


def test_a_refusal_is_not_marked_as_generated(client: TestClient) -> None:
    plain = client.post("/api/chat", json={"question": "火星基地的门票多少钱？"}).json()
    assert plain["mode"] == "extractive"
    assert GENERATED not in plain["answer"]


SPOILT = "2023年登记失业率为9.99%。[1]" + GOOD + "天气很好。"


def test_the_models_sentences_its_failures_and_its_rest_are_counted_and_kept(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'planqa.sqlite'}")
    with FakeLlm(Script(SPOILT)) as fake:
        writer = Writer(OpenAiModel(fake.base_url, "fake", seconds=10), Breaker(), 1_500)
        app = create_app(Service(lambda: knowledge, memory=store, writer=writer), Settings(rate_limit="off"), store)
        with TestClient(app) as client:
            client.post("/api/chat", json={"question": QUESTION})
            figures = client.get("/metrics").text
            assert 'planqa_model_replies_total{result="complete"} 1.0' in figures
            fates = [float(n) for n in re.findall(r'planqa_model_sentences_total{fate="\w+"} (\S+)', figures)]
            assert sum(fates) == 3
            assert 'planqa_model_sentences_total{fate="shown"} 1.0' in figures or "replaced" in figures
            assert 'planqa_model_problems_total{problem="amount"} 1.0' in figures
            assert 'planqa_stage_seconds_count{stage="write"} 1.0' in figures
            assert 'planqa_stage_seconds_count{stage="write_first"} 1.0' in figures
            assert "planqa_model_resting 0.0" in figures
            fake.script.fault = "server_error"
            for _ in range(FAILURES + 1):
                client.post("/api/chat", json={"question": QUESTION})
            figures = client.get("/metrics").text
            assert f'planqa_model_replies_total{{result="server"}} {FAILURES}.0' in figures
            assert 'planqa_model_replies_total{result="resting"} 1.0' in figures
            assert "planqa_model_resting 1.0" in figures
    with store._begin() as connection:
        rows = connection.exec_driver_sql("SELECT details FROM answers ORDER BY at").scalars().all()
    replies = [json.loads(row)["reply"] for row in rows]
    assert [len(reply["sentences"]) for reply in replies] == [3] + [0] * (FAILURES + 1)
    assert "amount" in replies[0]["sentences"][0]["problems"]
    assert [reply["failure"] for reply in replies[1:]] == ["server"] * FAILURES + ["resting"]
    store.close()


def test_there_is_a_writer_only_where_a_model_is_set() -> None:
    assert load_writer(Settings()) is None
    assert load_writer(Settings(llm_base_url="http://127.0.0.1:9/v1", llm_model="m")) is not None
