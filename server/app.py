"""The web application: assembly only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.routing import Route

from server import api, errors, openai_api, pages
from server.headers import SecurityHeaders
from server.limits import BODY_LIMIT, AnnouncedBodyLimit, rate_limiter
from server.mcp import McpEndpoint
from server.service import Service
from server.settings import Settings


def create_app(service: Service, settings: Settings) -> FastAPI:
    """The application over `service`, which is started with it."""
    limit = rate_limiter(settings.rate)
    tools = McpEndpoint(service, limit)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_sync(service.start)
        async with tools.run():
            yield

    app = FastAPI(
        title="PlanQA",
        version=version("planqa"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(api.build_router(service, limit), max_body_size=BODY_LIMIT)
    app.include_router(openai_api.build_router(service, limit), max_body_size=BODY_LIMIT)
    asked = [Depends(_only_posts(limit))]
    app.include_router(
        pages.build_router(lambda: service, lambda: service), dependencies=asked, max_body_size=BODY_LIMIT
    )
    app.router.routes.append(Route("/mcp", tools, include_in_schema=False))
    app.mount("/static", StaticFiles(packages=[("server", "web/static")]), name="static")
    errors.install(app)
    app.add_middleware(AnnouncedBodyLimit, refuse=lambda request: errors.answer(request, 413, "too_large"))
    app.add_middleware(SecurityHeaders)
    return app


def _only_posts(limit: Callable[[Request], Awaitable[None]]) -> Callable[[Request], Awaitable[None]]:
    """Pages may be read freely; a question asked through the form counts."""

    async def check(request: Request) -> None:
        if request.method == "POST":
            await limit(request)

    return check
