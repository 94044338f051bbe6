"""The pages people read, rendered by the server; every one of them works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends

from server import display
from server.answer_pages import AnswerPages
from server.chat_pages import ChatPages
from server.reading_pages import Address, Evaluations, Limit, ReadingPages, Site
from server.storage import Records


def build_router(
    site: Site,
    records: Records,
    limit: Limit,
    evaluations: Evaluations = tuple,
    address: Address = lambda _: "",
) -> APIRouter:
    """All pages.

    :param records: where `site` keeps its answers.
    :param limit: raises where a client asks, searches or writes too often.
    :param evaluations: the files that `planqa eval` wrote, as they are now.
    :param address: tells clients apart.
    """
    router = APIRouter(include_in_schema=False)
    chat, answers, reading = (
        ChatPages(site, records, address),
        AnswerPages(site, records),
        ReadingPages(site, limit, evaluations, address),
    )
    pages: dict[str, Callable[..., Any]] = {
        "/": chat.chat,
        "/answers/{answer_id}": answers.answer,
        "/glossary": reading.glossary,
        "/glossary/{number}": reading.term,
        "/indicators": reading.indicators,
        "/indicators.{wanted}": reading.indicators_file,
        "/search": reading.search,
        "/reports": reading.reports,
        "/reports/{report_id}": reading.report,
        "/display": reading.display,
        "/quality": reading.quality,
        "/accessibility": reading.accessibility,
        "/widget.js": reading.widget,
    }
    posts: dict[str, Callable[..., Any]] = {
        "/": chat.ask,
        "/answers/{answer_id}/keep": answers.keep,
        "/answers/{answer_id}/wrong": answers.wrong,
    }
    for path, endpoint in pages.items():
        router.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    for path, endpoint in posts.items():
        router.add_api_route(path, endpoint, methods=["POST"], response_model=None, dependencies=[Depends(limit)])
    router.add_api_route("/display", display.choose, methods=["POST"], response_model=None)
    return router
