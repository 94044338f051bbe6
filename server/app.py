"""The web application: assembly only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.routing import Route

from server import api, errors, openai_api, pages
from server.answer_records import SqliteRecords
from server.headers import SecurityHeaders
from server.limits import BODY_LIMIT, AnnouncedBodyLimit, rate_limiter
from server.mcp import McpEndpoint
from server.service import Service
from server.settings import Settings


def create_app(service: Service, settings: Settings, baseline: Path | None = None) -> FastAPI:
    """The application over `service`, which is started with it; `baseline` is the evaluation that ships."""
    limit = rate_limiter(settings.rate)
    tools = McpEndpoint(service, limit)
    records = SqliteRecords(settings.data_dir / "answers.sqlite")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_sync(service.start)
        async with tools.run():
            yield
        records.close()

    app = FastAPI(
        title="PlanQA",
        version=version("planqa"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(api.build_router(service, limit), max_body_size=BODY_LIMIT)
    app.include_router(openai_api.build_router(service, limit), max_body_size=BODY_LIMIT)

    def evaluations() -> list[Path]:
        return [*([baseline] if baseline else []), *settings.data_dir.glob("eval/*/results.json")]

    app.include_router(pages.build_router(service, records, limit, evaluations), max_body_size=BODY_LIMIT)
    app.router.routes.append(Route("/mcp", tools, include_in_schema=False))
    app.mount("/static", StaticFiles(packages=[("server", "web/static")]), name="static")
    errors.install(app)
    app.add_middleware(AnnouncedBodyLimit, refuse=lambda request: errors.answer(request, 413, "too_large"))
    app.add_middleware(SecurityHeaders)
    if settings.widget_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.widget_origins, allow_methods=["GET", "POST"])
    return app
