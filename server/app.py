"""The web application: assembly only."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

from anyio import create_task_group, sleep
from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from limits import parse
from starlette.routing import Route

from ingest.readers.registry import FILE_LIMIT
from server import admin, api, errors, openai_api, pages, records
from server.headers import SecurityHeaders
from server.limits import BODY_LIMIT, BodyLimits, client_address, rate_limiter
from server.logs import RequestLog
from server.mcp_endpoint import McpEndpoint
from server.memory import give_back_regularly
from server.service import Service
from server.settings import Settings
from server.storage import NoRecords, StorageError, Store

_LOG = logging.getLogger(__name__)
UPLOAD_LIMIT = FILE_LIMIT + BODY_LIMIT
LOGIN_RATE = parse("10/minute")
"""How often one client may try the admin token."""


def create_app(
    service: Service, settings: Settings, store: Store | None = None, baseline: Path | None = None
) -> FastAPI:
    """The application over `service`, which is started with it.

    :param store: where `service` keeps its answers; without one nothing can be opened again.
    :param baseline: the evaluation that ships.
    """
    limit = rate_limiter(settings.rate, settings.proxies)
    address = partial(client_address, trusted=settings.proxies)
    tools = McpEndpoint(service, limit, address)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_sync(service.start)
        async with create_task_group() as tasks, tools.run():
            tasks.start_soon(service.watch)
            tasks.start_soon(give_back_regularly)
            if store is not None:
                tasks.start_soon(_forget_daily, store, settings.retention_days)
            yield
            tasks.cancel_scope.cancel()

    app = FastAPI(
        title="PlanQA",
        version=version("planqa"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    metrics = service.metrics
    metrics.watch("planqa_in_progress", "Questions worked on", lambda: service.in_progress)
    metrics.watch("planqa_waiting", "Questions waiting for their turn", lambda: service.waiting)
    app.include_router(api.build_router(service, limit, address), max_body_size=BODY_LIMIT)
    app.include_router(openai_api.build_router(service, limit, address), max_body_size=BODY_LIMIT)
    app.include_router(records.metrics_router(metrics))
    if store is not None:
        app.include_router(records.build_router(store, limit), max_body_size=BODY_LIMIT)
    sessions = admin.Sessions(settings.admin_token.get_secret_value())
    if store is not None and sessions.are_possible:
        limit_logins = rate_limiter(LOGIN_RATE, settings.proxies)
        router = admin.build_router(service, store, settings, sessions, limit_logins)
        app.include_router(router, max_body_size=UPLOAD_LIMIT)

    def evaluations() -> list[Path]:
        return [*([baseline] if baseline else []), *settings.data_dir.glob("eval/*/results.json")]

    public = pages.build_router(service, store or NoRecords(), limit, evaluations, address)
    app.include_router(public, max_body_size=BODY_LIMIT)
    app.router.routes.append(Route("/mcp", tools, include_in_schema=False))
    app.mount("/static", StaticFiles(packages=[("server", "web/static")]), name="static")
    errors.install(app)
    app.add_middleware(
        BodyLimits,
        refuse=lambda request: errors.answer(request, 413, "too_large"),
        may_upload=lambda request: request.url.path == admin.UPLOAD_PATH and sessions.of(request) is not None,
        upload_limit=UPLOAD_LIMIT,
    )
    app.add_middleware(SecurityHeaders)
    if settings.widget_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.widget_origins, allow_methods=["GET", "POST"])
    app.add_middleware(RequestLog, observe=metrics.observe_request)
    return app


async def _forget_daily(store: Store, days: int) -> None:
    """Forget what is older than the retention allows, now and once a day."""
    while True:
        try:
            if forgotten := await run_sync(store.forget, days):
                _LOG.info("%d answers older than %d days were forgotten", forgotten, days)
        except StorageError:
            _LOG.exception("old answers could not be forgotten")
        await sleep(24 * 60 * 60)
