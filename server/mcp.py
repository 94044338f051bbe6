"""The report as read-only tools for other programs' language models: `server/mcp_endpoint.py` and `planqa mcp` serve them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Annotated, Any

from anyio import create_task_group
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request

from index.search import Found
from server.answering.clean import clean
from server.answering.model import QUESTION_LIMIT, Answer, Place
from server.answering.pipeline import Knowledge
from server.lookup import find_indicators, find_terms, indicator_view, term_view
from server.privacy import PersonalData
from server.service import Asker, Busy, ChatOff, NotReady, Service, UnknownReport

MOST_FOUND = 20
_READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_INSTRUCTIONS = (
    "回答关于政府国民经济和社会发展计划报告的问题。每句话都有出处：citations 里的 quote 是报告原文，"
    "引用时请保留原文和出处。status 不以 answered 开头时表示报告没有回答，请如实转告，不要自行补充。"
)
_Report = Annotated[
    str, Field(max_length=200, description="报告的编号（citations 里的 report）；不填时按问题里的地方和年份选")
]
_Words = Annotated[str, Field(min_length=1, max_length=QUESTION_LIMIT)]


def build_server(service: Service, address: Callable[[Request], str] = lambda _: "") -> MCPServer:
    """The tools over `service`, which must have been started before the first is called; `address` tells clients apart."""
    server = MCPServer("planqa", instructions=_INSTRUCTIONS, version=version("planqa"), log_level="WARNING")

    @server.tool(
        title="向报告提问",
        description="根据报告回答一个问题，每句话注明出处；报告没有说的不回答。",
        annotations=_READ_ONLY,
    )
    async def ask(question: _Words, context: Context, report: _Report = "") -> Answer:
        with _explained():
            return await service.answer(_said(question), (), _asker(context, address, report))

    @server.tool(
        title="在报告中查找",
        description="查找与一句话最相关的报告原文（正文、名词解释、计划指标），最相关的在前。",
        annotations=_READ_ONLY,
    )
    async def search_report(
        query: _Words, context: Context, limit: Annotated[int, Field(ge=1, le=MOST_FOUND)] = 5, report: _Report = ""
    ) -> list[Place]:
        knowledge = _ready(service).knowledge
        with _explained():
            return _places(knowledge, await service.find(_said(query), _asker(context, address, report), limit))

    @server.tool(
        title="查名词解释",
        description="按名称或编号查报告的名词解释，并列出正文中用到它的句子。",
        annotations=_READ_ONLY,
    )
    async def define_term(name: _Words) -> list[dict[str, Any]]:
        corpora = _ready(service).corpora.values()
        found = [term_view(corpus, term) for corpus in corpora for term in find_terms(corpus, _said(name))]
        return found or _none(f"名词解释里没有“{name}”。")

    @server.tool(
        title="查计划指标", description="按名称或编号查计划指标表的数值、单位、年份和属性。", annotations=_READ_ONLY
    )
    async def get_indicator(name: _Words) -> list[dict[str, Any]]:
        corpora = _ready(service).corpora.values()
        found = [indicator_view(corpus, row) for corpus in corpora for row in find_indicators(corpus, _said(name))]
        return found or _none(f"计划指标表里没有“{name}”。")

    @server.tool(title="取报告原文", description="按出处的 url 取报告原文，连同它前后各一句。", annotations=_READ_ONLY)
    async def get_passage(url: Annotated[str, Field(min_length=1, max_length=300)]) -> list[Place]:
        return _passage(_ready(service), url)

    return server


async def serve_stdio(service: Service) -> None:
    """Answer on standard input and output until it ends; a new snapshot is taken up meanwhile."""
    async with create_task_group() as tasks:
        tasks.start_soon(service.watch)
        await build_server(service).run_stdio_async()
        tasks.cancel_scope.cancel()


def _ready(service: Service) -> Service:
    """The service.

    :raises ToolError: it is not started.
    """
    try:
        _ = service.knowledge
    except NotReady as error:
        raise ToolError("服务正在启动，请稍等片刻再试。") from error
    return service


def _asker(context: Context, address: Callable[[Request], str], report: str) -> Asker:
    """Who calls a tool; over stdio nobody has an address."""
    request = context.request_context.request
    return Asker(address=address(request) if isinstance(request, Request) else "", report=report)


@contextmanager
def _explained() -> Iterator[None]:
    """Say in words why a question is not answered.

    :raises ToolError: for all that the service refuses.
    """
    try:
        yield
    except ChatOff as off:
        raise ToolError(f"问答暂停服务。{off}") from off
    except PersonalData as personal:
        raise ToolError(
            f"您写的内容里像是有个人信息。为保护隐私，没有处理，也没有保存。请去掉后再试：{personal}。"
        ) from personal
    except UnknownReport as unknown:
        raise ToolError(str(unknown)) from unknown
    except (Busy, NotReady, TimeoutError) as error:
        raise ToolError("现在不能回答，请稍等片刻再试。") from error


def _said(words: str) -> str:
    """The words cleaned.

    :raises ToolError: nothing is left of them.
    """
    return clean(words) or _none("请写下要问或要查的内容。")


def _none(message: str) -> Any:
    raise ToolError(message)


def _places(knowledge: Knowledge, found: Found) -> list[Place]:
    places = []
    for evidence in found.evidence:
        corpus, span = evidence.entry.corpus, evidence.entry.item.span
        units = knowledge.places[corpus.report.id].units
        places += [knowledge.places[corpus.report.id].place(u.span) for u in units if span.contains(u.span)]
    return places


def _passage(service: Service, url: str) -> list[Place]:
    path, _, fragment = url.partition("#")
    unit_id = fragment.partition(":~:")[0]
    places = service.knowledge.places.get(path.rstrip("/").rpartition("/")[2])
    position = next((i for i, unit in enumerate(places.units) if unit.id == unit_id), None) if places else None
    if places is None or position is None:
        raise ToolError(f"没有这个出处：{url[:200]}。请用 citations 里的 url。")
    return [places.place(unit.span) for unit in places.units[max(0, position - 1) : position + 2]]
