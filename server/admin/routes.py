"""The pages of `/admin`. Every change is a form post with the session's key, and is audited."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Awaitable, Callable
from functools import cache
from hmac import compare_digest
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.readers import suffixes
from server.admin.publishing import Publishing, PublishingError
from server.admin.session import COOKIE, SECONDS, Session, Sessions
from server.answering.clean import clean
from server.answering.model import Answer
from server.service import Service
from server.settings import Settings
from server.storage import Reason, ReportState, Store

PAGE_ROWS = 100
UPLOAD_PATH = "/admin/reports/upload"
STATES = {
    ReportState.OPEN: "待处理",
    ReportState.IN_WORK: "处理中",
    ReportState.FIXED: "已改正",
    ReportState.REJECTED: "不成立",
}
REASONS: dict[Reason, str] = {
    "number": "数字不对",
    "source": "出处不对",
    "off_topic": "答非所问",
    "missing": "报告里有，却没答出来",
    "other": "其他",
}
GROUPS = {"answered": "已回答", "clarify": "已追问", "unanswerable": "未回答", "refused": "已拒绝", "error": "出错"}
Text = Annotated[str, Form(max_length=500)]


def build_router(
    service: Service,
    store: Store,
    settings: Settings,
    sessions: Sessions,
    limit_logins: Callable[[Request], Awaitable[None]],
) -> APIRouter:
    """All of `/admin`, for those to whom `sessions` opens it; `limit_logins` raises where somebody guesses."""
    admin = _Admin(service, store, settings, sessions)
    router = APIRouter(prefix="/admin", include_in_schema=False)
    gets: dict[str, Callable[..., Response]] = {
        "": admin.overview,
        "/enter": admin.entrance,
        "/questions": admin.questions,
        "/answers/{answer_id}": admin.answer,
        "/errors": admin.errors,
        "/gold.jsonl": admin.gold,
        "/reports": admin.reports,
        "/audit": admin.audit,
    }
    posts: dict[str, Callable[..., Response]] = {
        "/leave": admin.leave,
        "/chat": admin.switch_chat,
        "/errors/{number}": admin.change_report,
        "/answers/{answer_id}/gold": admin.make_gold,
        "/answers/{answer_id}/delete": admin.delete_answer,
        "/reports/upload": admin.upload,
        "/reports/publish": admin.publish,
        "/reports/remove": admin.remove,
        "/reports/rebuild": admin.rebuild,
        "/reports/rollback": admin.rollback,
    }
    for path, endpoint in gets.items():
        router.add_api_route(path, endpoint, methods=["GET"], response_model=None)
    for path, endpoint in posts.items():
        router.add_api_route(path, endpoint, methods=["POST"], response_model=None)
    guessing = [Depends(limit_logins)]
    router.add_api_route("/enter", admin.enter, methods=["POST"], response_model=None, dependencies=guessing)
    return router


@cache
def _templates() -> Environment:
    folder = Path(__file__).parents[1] / "web" / "templates" / "admin"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = lambda at: f"{at.astimezone():%Y-%m-%d %H:%M}"
    return environment


def _page(template: str, session: Session | None, code: int = 200, **view: object) -> HTMLResponse:
    shown = {"session": session, "states": STATES, "reasons": REASONS, "groups": GROUPS, "message": "", **view}
    text = _templates().get_template(template).render(shown)
    return HTMLResponse(text, code, headers={"Cache-Control": "no-store"})


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303)


class _Admin:
    """The endpoints."""

    def __init__(self, service: Service, store: Store, settings: Settings, sessions: Sessions) -> None:
        self._service = service
        self._store = store
        self._publishing = Publishing(settings)
        self._sessions = sessions

    def entrance(self) -> Response:
        """The form that asks for the token."""
        return _page("enter.html", None)

    def enter(self, request: Request, name: Text, token: Annotated[str, Form(max_length=200)]) -> Response:
        """Open a session for the token, in a person's name."""
        name = clean(name)
        if not self._sessions.is_token(token) or not name:
            self._store.audit(name or "?", "enter refused")
            return _page("enter.html", None, 401, message="姓名或口令不对。")
        self._store.audit(name, "enter")
        response = _to("/admin")
        is_secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
        response.set_cookie(
            COOKIE,
            self._sessions.open(name),
            SECONDS,
            path="/admin",
            secure=is_secure,
            httponly=True,
            samesite="strict",
        )
        return response

    def leave(self, request: Request, key: Text) -> Response:
        """End the session."""
        self._session(request, key)
        response = _to("/admin/enter")
        response.delete_cookie(COOKIE, path="/admin")
        return response

    def overview(self, request: Request) -> Response:
        """How the last thirty days went, and the switch."""
        session = self._session(request)
        counts = self._store.statuses()
        groups = {name: sum(n for status, n in counts.items() if status.startswith(name)) for name in GROUPS}
        return _page(
            "overview.html",
            session,
            counts=counts,
            by_group=groups,
            notice=self._store.chat_notice(),
            waiting=len(self._store.error_reports(ReportState.OPEN)),
            unanswered=self._store.most_asked("unanswerable_not_in_report", limit=20),
            asked=self._store.most_asked(limit=20),
            snapshot=self._service.knowledge.snapshot.manifest,
        )

    def switch_chat(self, request: Request, key: Text, notice: Text = "") -> Response:
        """Turn the chat off with a notice, or on where there is none."""
        session = self._session(request, key)
        notice = clean(notice)
        self._store.switch_chat(notice or None)
        self._store.audit(session.name, "chat off" if notice else "chat on", notice)
        return _to("/admin")

    def questions(self, request: Request, status: str = "", q: str = "", page: int = 1) -> Response:
        """What was asked, the newest first."""
        session = self._session(request)
        page = min(max(page, 1), 10_000)
        rows = self._store.answers(status, clean(q), PAGE_ROWS + 1, (page - 1) * PAGE_ROWS)
        more = len(rows) > PAGE_ROWS
        return _page("questions.html", session, rows=rows[:PAGE_ROWS], status=status, q=q, page=page, more=more)

    def answer(self, request: Request, answer_id: str) -> Response:
        """One answer as it was given."""
        return _page("answer.html", self._session(request), answer=self._answer(answer_id))

    def make_gold(self, request: Request, answer_id: str, key: Text, note: Text = "") -> Response:
        """Turn a question into the draft of a gold item, its citations as evidence."""
        session = self._session(request, key)
        given = self._answer(answer_id)
        self._store.add_gold(_gold_draft(given, clean(note), session.name))
        self._store.audit(session.name, "gold item drafted", answer_id)
        return _to(f"/admin/answers/{given.id}")

    def delete_answer(self, request: Request, answer_id: str, key: Text) -> Response:
        """Delete an answer with its conversation, as somebody wished whose words they are."""
        session = self._session(request, key)
        if not (deleted := self._store.delete_with_conversation(answer_id)):
            raise HTTPException(404)
        self._store.audit(session.name, "answers deleted", f"{answer_id}: {deleted}")
        return _to("/admin/questions")

    def gold(self, request: Request) -> Response:
        """The drafts of gold items, a JSON object a line, for `python -m eval.author`."""
        self._session(request)
        lines = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in self._store.gold())
        return Response(lines, media_type="application/jsonl", headers={"Cache-Control": "no-store"})

    def errors(self, request: Request, state: str = "") -> Response:
        """The queue of answers reported wrong."""
        session = self._session(request)
        wanted = ReportState(state) if state in set(ReportState) else None
        return _page("errors.html", session, reports=self._store.error_reports(wanted), state=state)

    def change_report(
        self, request: Request, number: int, key: Text, state: Annotated[ReportState, Form()], owner: Text = ""
    ) -> Response:
        """Say who sees to a report and what became of it."""
        session = self._session(request, key)
        owner = clean(owner)[:80]
        try:
            self._store.change_report(number, state, owner)
        except LookupError as error:
            raise HTTPException(404) from error
        self._store.audit(session.name, "error report", f"{number} {state.value} {owner}".strip())
        return _to("/admin/errors")

    def reports(self, request: Request) -> Response:
        """The report files and what is published."""
        return self._reports_page(self._session(request))

    def upload(self, request: Request, key: Text, file: Annotated[UploadFile, File()]) -> Response:
        """Show what was parsed of a file; nothing is published yet."""
        session = self._session(request, key)
        with tempfile.NamedTemporaryFile() as content:
            while piece := file.file.read(1 << 20):
                content.write(piece)
            content.flush()
            try:
                preview = self._publishing.preview(file.filename or "", Path(content.name))
            except PublishingError as error:
                return self._reports_page(session, str(error), 422)
        return _page("preview.html", session, preview=preview, known=[path.name for path in self._publishing.files])

    def publish(self, request: Request, key: Text, preview: Text) -> Response:
        """Publish a file that was previewed."""
        return self._change(request, key, "report published", lambda: self._publishing.publish(preview))

    def remove(self, request: Request, key: Text, name: Text) -> Response:
        """Take a report away."""
        return self._change(request, key, f"report removed: {name}", lambda: self._publishing.remove(name))

    def rebuild(self, request: Request, key: Text) -> Response:
        """Publish the folder as it is."""
        return self._change(request, key, "published", self._publishing.rebuild)

    def rollback(self, request: Request, key: Text) -> Response:
        """Publish the snapshot before."""
        return self._change(request, key, "rolled back", self._publishing.rollback)

    def audit(self, request: Request) -> Response:
        """What was done, and by whom."""
        return _page("audit.html", self._session(request), entries=self._store.audited(500))

    def _change(self, request: Request, key: str, action: str, change: Callable[[], str]) -> Response:
        session = self._session(request, key)
        try:
            snapshot = change()
        except PublishingError as error:
            self._store.audit(session.name, f"{action}: failed"[:40], str(error))
            return self._reports_page(session, str(error), 422)
        self._service.refresh()
        self._store.audit(session.name, action[:40], f"{action} → {snapshot}")
        return _to("/admin/reports")

    def _reports_page(self, session: Session, message: str = "", status: int = 200) -> Response:
        manifest = self._service.knowledge.snapshot.manifest
        files: list[Any] = [(path.name, path.stem in manifest.corpora) for path in self._publishing.files]
        reports = {name: corpus.report for name, corpus in self._service.corpora.items()}
        shown = {"files": files, "reports": reports, "snapshot": manifest, "suffixes": ",".join(suffixes())}
        return _page("reports.html", session, status, message=message, **shown)

    def _answer(self, answer_id: str) -> Answer:
        found = self._store.load_answer(answer_id)
        if found is None:
            raise HTTPException(404)
        return found.answer

    def _session(self, request: Request, key: str | None = None) -> Session:
        """Who makes a request; a change must bring the session's key, so that no other site can cause it.

        :raises HTTPException: 303 to the entrance, 401 for a program without the token, or 403 for a wrong key.
        """
        session = self._sessions.of(request)
        if session is None and "text/html" in request.headers.get("accept", ""):
            raise HTTPException(303, headers={"Location": "/admin/enter"})
        if session is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        if key is not None and session.form_key and not compare_digest(key.encode(), session.form_key.encode()):
            raise HTTPException(403)
        return session


def _gold_draft(given: Answer, note: str, author: str) -> dict[str, Any]:
    """What is known of a gold item: people decide what is expected, and check the evidence."""
    evidence = [{"report": c.report, "start": c.start, "end": c.end, "quote": c.quote} for c in given.citations]
    return {
        "question": given.question,
        "answer": given.answer,
        "status": given.status.value,
        "evidence": evidence,
        "snapshot": given.snapshot,
        "note": note,
        "author": author,
    }
