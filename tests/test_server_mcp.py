"""The tools as the official SDK's client sees them, over HTTP and over stdio."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from mcp import Client, StdioServerParameters
from serving import serving

import planqa
from index.embedder import EMBEDDED_MODEL
from server.answering.pipeline import Knowledge
from server.app import create_app
from server.mcp import MOST_FOUND, build_server
from server.service import Service
from server.settings import Settings

TOOLS = {"ask", "search_report", "define_term", "get_indicator", "get_passage"}
QUESTION = "2023年登记失业率是多少？"


@pytest.fixture(scope="module")
def address(knowledge: Knowledge) -> Iterator[str]:
    """Where a real server offers the tools."""
    app = create_app(Service(lambda: knowledge), Settings(rate_limit="off"))
    with serving(app) as root:
        yield f"{root}/mcp"


def _call(address: Any, tool: str, **arguments: Any) -> tuple[bool, Any, str]:
    """Whether the call failed, what it gave, and that as text."""

    async def call() -> tuple[bool, Any, str]:
        async with Client(address) as client:
            result = await client.call_tool(tool, arguments)
            text = "".join(getattr(block, "text", "") for block in result.content)
            return bool(result.is_error), result.structured_content, text

    return anyio.run(call)


def test_the_tools_are_listed_as_read_only_with_their_arguments(address: str) -> None:
    async def listed() -> Any:
        async with Client(address) as client:
            return (await client.list_tools()).tools, client.instructions

    tools, instructions = anyio.run(listed)
    assert {tool.name for tool in tools} == TOOLS
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools)
    assert "出处" in instructions


def test_asking_gives_the_same_answer_as_the_chat(address: str, web: TestClient) -> None:
    failed, given, text = _call(address, "ask", question=QUESTION)
    plain = web.post("/api/chat", json={"question": QUESTION}).json()
    assert not failed
    assert {k: given[k] for k in ("status", "answer", "citations")} == {
        k: plain[k] for k in ("status", "answer", "citations")
    }
    assert plain["answer"] in text


def test_searching_gives_verbatim_places_and_each_can_be_fetched(address: str, knowledge: Knowledge) -> None:
    _, given, _ = _call(address, "search_report", query="应急避难场所", limit=3)
    places = given["result"]
    canonical = knowledge.snapshot.default.report.text
    assert places
    assert all(place["quote"] == canonical[place["start"] : place["end"]] for place in places)
    _, fetched, _ = _call(address, "get_passage", url=places[0]["url"])
    assert places[0] in fetched["result"]
    assert len(fetched["result"]) <= 3


def test_terms_and_indicators_are_looked_up_by_name(address: str, knowledge: Knowledge) -> None:
    corpus = knowledge.snapshot.default
    term, row = corpus.terms[0], corpus.indicators[0]
    _, terms, _ = _call(address, "define_term", name=term.name)
    assert terms["result"][0]["name"] == term.name
    _, rows, _ = _call(address, "get_indicator", name=row.name)
    assert rows["result"][0]["values"][0]["text"] == row.values[0].text


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("ask", {"question": ""}, ""),
        ("ask", {"question": " \u200b"}, "请写下"),
        ("ask", {"question": "问" * 501}, ""),
        ("ask", {}, ""),
        ("search_report", {"query": "房", "limit": MOST_FOUND + 1}, ""),
        ("define_term", {"name": "火星移民基地"}, "没有"),
        ("get_indicator", {"name": "火星移民基地"}, "没有"),
        ("get_passage", {"url": "/reports/none#s-1"}, "没有这个出处"),
        ("get_passage", {"url": "../../etc/passwd"}, "没有这个出处"),
    ],
)
def test_a_call_that_cannot_be_served_says_why(address: str, tool: str, arguments: dict[str, Any], words: str) -> None:
    failed, _, text = _call(address, tool, **arguments)
    assert failed
    assert words in text
    assert "Traceback" not in text


def test_before_the_start_the_tools_say_to_wait(knowledge: Knowledge) -> None:
    failed, _, text = _call(build_server(Service(lambda: knowledge)), "ask", question="你好")
    assert failed
    assert "稍等" in text
    starting = TestClient(create_app(Service(lambda: knowledge), Settings(rate_limit="off")))
    assert starting.post("/mcp", json={}).status_code == 503


def test_calls_over_http_count_towards_the_limit(knowledge: Knowledge) -> None:
    app = create_app(Service(lambda: knowledge), Settings(rate_limit="1/minute"))
    with TestClient(app) as client:
        statuses = [client.post("/mcp", json={}).status_code for _ in range(2)]
    assert statuses[0] in (400, 406)
    assert statuses[1] == 429


@pytest.mark.model
def test_the_console_script_serves_the_tools_over_stdio(real_data: Path) -> None:
    environment = {
        "PLANQA_DATA_DIR": str(real_data),
        "PLANQA_EMBEDDING_MODEL": EMBEDDED_MODEL,
        "PATH": os.environ["PATH"],
    }
    command = StdioServerParameters(command=sys.executable, args=[str(planqa.__file__), "mcp"], env=environment)
    failed, given, _ = _call(command, "ask", question="2023年登记失业率是多少？")
    assert not failed
    assert given["status"] == "answered"
    assert "2.35%" in given["answer"]
