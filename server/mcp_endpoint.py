"""The tools of `server/mcp.py` at an address; what they need is imported with the first call, since few servers are called."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from anyio import TASK_STATUS_IGNORED, Lock, create_task_group, sleep_forever
from anyio.abc import TaskGroup, TaskStatus
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from server.limits import BODY_LIMIT
from server.service import NotReady, Service

if TYPE_CHECKING:
    from mcp.server import MCPServer


class McpEndpoint:
    """The tools as an ASGI application; answers while `run` is entered, each time anew."""

    def __init__(
        self,
        service: Service,
        limit: Callable[[Request], Awaitable[None]],
        address: Callable[[Request], str] = lambda _: "",
    ) -> None:
        self._service = service
        self._limit = limit
        self._address = address
        self._tasks: TaskGroup | None = None
        self._app: ASGIApp | None = None

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Be ready to answer."""
        async with create_task_group() as tasks:
            self._tasks, self._beginning = tasks, Lock()
            yield
            self._tasks = self._app = None
            tasks.cancel_scope.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one that may ask a question counts towards the client's limit.

        :raises NotReady: `run` is not entered.
        """
        if self._tasks is None:
            raise NotReady
        if scope["method"] == "POST":
            await self._limit(Request(scope))
        async with self._beginning:
            app = self._app = self._app or await self._tasks.start(self._serve)
        await app(scope, receive, send)

    async def _serve(self, *, task_status: TaskStatus[ASGIApp] = TASK_STATUS_IGNORED) -> None:
        """Tell the application once it answers, and keep it until `run` is left."""
        server, app = await run_sync(self._build)
        async with server.session_manager.run():
            task_status.started(app)
            await sleep_forever()

    def _build(self) -> tuple[MCPServer, ASGIApp]:
        from mcp.server.transport_security import TransportSecuritySettings

        from server.mcp import build_server

        server = build_server(self._service, self._address)
        # What is served is public and read-only, under whatever name a proxy gives it: the Host header decides nothing.
        security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        app = server.streamable_http_app(
            stateless_http=True, json_response=True, max_request_body_size=BODY_LIMIT, transport_security=security
        )
        return server, app
