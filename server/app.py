"""The web application: assembly only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import create_task_group
from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI, Request
from fastapi.staticfiles import StaticFiles

from server import api, errors, pages
from server.headers import SecurityHeaders
from server.limits import BODY_LIMIT, AnnouncedBodyLimit, rate_limiter
from server.service import Service
from server.settings import Settings


def create_app(service: Service, settings: Settings) -> FastAPI:
    """The application over `service`, which is started with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_sync(service.start)
        async with create_task_group() as tasks:
            tasks.start_soon(service.watch)
            yield
            tasks.cancel_scope.cancel()

    app = FastAPI(
        title="PlanQA",
        version=version("planqa"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    limit = rate_limiter(settings.rate)
    app.include_router(api.build_router(service, limit), max_body_size=BODY_LIMIT)
    asked = [Depends(_only_posts(limit))]
    app.include_router(
        pages.build_router(lambda: service, lambda: service), dependencies=asked, max_body_size=BODY_LIMIT
    )
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
