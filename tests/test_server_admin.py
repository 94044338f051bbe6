"""`/admin`: who gets in, what a form of another site can do, and everything that can be done there."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from index.build import build_snapshot
from index.embedder import HashEmbedder
from index.snapshot import SnapshotStore
from server.admin.publishing import Publishing, PublishingError
from server.admin.session import COOKIE, SECONDS, Sessions
from server.answering.pipeline import Knowledge
from server.app import create_app
from server.service import Service
from server.settings import Settings
from server.storage import ReportState, Store

TOKEN = "a-token-of-more-than-24-characters"
QUESTION = "计划表里约束性指标有哪些？"
HTML = {"accept": "text/html"}


class _Publishing(Publishing):
    """Publishing that builds with the fake embedder, in this process."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.snapshots = SnapshotStore(settings.data_dir)
        self.folder = settings.reports_dir

    def _index(self, *options: str) -> str:
        try:
            if "--rollback" in options:
                return self.snapshots.rollback().id
            return build_snapshot(self.folder, self.snapshots, HashEmbedder()).id
        except Exception as error:
            raise PublishingError(f"没能处理：{error}") from error


@pytest.fixture
def settings(data: Path, tmp_path: Path) -> Settings:
    """Settings with a token, and a folder with one report that may be written."""
    (tmp_path / "reports").mkdir()
    shutil.copy(data / "linhai-2025.txt", tmp_path / "reports")
    return Settings(
        rate_limit="off",
        reports_dir=tmp_path / "reports",
        data_dir=tmp_path / "data",
        admin_token=TOKEN,  # type: ignore[arg-type]
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store(f"sqlite:///{tmp_path / 'planqa.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def service(settings: Settings, store: Store) -> Service:
    """A service over the folder's reports."""
    snapshots = SnapshotStore(settings.data_dir)
    build_snapshot(settings.reports_dir, snapshots, HashEmbedder())
    return Service(lambda: Knowledge.of(snapshots.open(HashEmbedder())), snapshots.pointer, store)


@pytest.fixture
def visitor(
    service: Service, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A client that has not entered."""
    monkeypatch.setattr("server.admin.routes.Publishing", _Publishing)
    with TestClient(create_app(service, settings, store), follow_redirects=False) as client:
        yield client


@pytest.fixture
def admin(visitor: TestClient) -> TestClient:
    """A client that has entered as 张三."""
    entered = visitor.post("/admin/enter", data={"name": "张三", "token": TOKEN})
    assert (entered.status_code, entered.headers["location"]) == (303, "/admin")
    return visitor


def _key(admin: TestClient) -> str:
    found = re.search(r'name="key" value="([0-9a-f]{64})"', admin.get("/admin").text)
    assert found
    return found[1]


def _post(admin: TestClient, path: str, **fields: Any) -> Any:
    return admin.post(f"/admin{path}", data={"key": _key(admin), **fields}, headers=HTML)


def test_without_a_token_there_is_no_admin(service: Service, store: Store) -> None:
    with TestClient(create_app(service, Settings(rate_limit="off"), store)) as client:
        for path in ("/admin", "/admin/enter", "/admin/reports"):
            assert client.get(path).status_code == 404
        assert client.get("/admin", headers={"authorization": "Bearer "}).status_code == 404


PATHS = ("", "/questions", "/answers/x", "/errors", "/gold.jsonl", "/reports", "/audit")


@pytest.mark.parametrize("path", PATHS)
def test_nobody_gets_in_without_the_token(path: str, visitor: TestClient) -> None:
    assert visitor.get(f"/admin{path}", headers=HTML).headers["location"] == "/admin/enter"
    refused = visitor.get(f"/admin{path}")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    for authorization in ("Bearer wrong", "Bearer ", f"Basic {TOKEN}"):
        assert visitor.get(f"/admin{path}", headers={"authorization": authorization}).status_code == 401
    visitor.cookies.set(COOKIE, Sessions("another-token-of-24-characters").open("x"))
    assert visitor.get(f"/admin{path}").status_code == 401
    allowed = visitor.get(f"/admin{path}", headers={"authorization": f"Bearer {TOKEN}"})
    assert allowed.status_code == (404 if path == "/answers/x" else 200)


def test_a_wrong_token_is_audited_and_guessing_is_slowed_down(visitor: TestClient, store: Store) -> None:
    statuses = [
        visitor.post("/admin/enter", data={"name": "李四", "token": f"guess{i}"}).status_code for i in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2
    assert [entry.action for entry in store.audited()] == ["enter refused"] * 10
    assert not any("guess" in entry.detail for entry in store.audited())


def test_a_session_ends_by_itself_and_cannot_be_made_longer() -> None:
    now = [1000.0]
    sessions = Sessions(TOKEN, lambda: now[0])
    cookie = sessions.open("张三")
    session = sessions.read(cookie)
    assert session is not None
    assert session.name == "张三"
    for forged in ("", ".", "x", cookie[:-1], cookie[1:], cookie.replace(".", ""), "é." + cookie):
        assert sessions.read(forged) is None
    now[0] += SECONDS
    assert sessions.read(cookie) is None
    assert Sessions("").read(Sessions("").open("x")) is None


def test_the_sessions_cookie_is_out_of_reach_for_scripts_and_other_sites(visitor: TestClient) -> None:
    entered = visitor.post(
        "/admin/enter", data={"name": "张三", "token": TOKEN}, headers={"x-forwarded-proto": "https"}
    )
    assert {"HttpOnly", "SameSite=strict", "Secure", "Path=/admin"} <= set(entered.headers["set-cookie"].split("; "))
    assert TOKEN not in entered.headers["set-cookie"]


@pytest.mark.parametrize(
    "path", ["/chat", "/reports/rebuild", "/reports/rollback", "/leave", "/answers/a/gold", "/answers/a/delete"]
)
def test_a_form_without_the_sessions_key_changes_nothing(path: str, admin: TestClient, store: Store) -> None:
    before = store.audited()
    for key in ("", "0" * 64, "é"):
        assert admin.post(f"/admin{path}", data={"key": key, "notice": "x"}).status_code == (403 if key else 422)
    assert store.audited() == before
    assert store.chat_notice() is None


def test_the_switch_turns_the_chat_off_and_on_and_says_who_did_it(admin: TestClient, store: Store) -> None:
    assert _post(admin, "/chat", notice="维护<b>中。").status_code == 303
    assert admin.post("/api/chat", json={"question": QUESTION}).json()["code"] == "chat_off"
    assert "维护&lt;b&gt;中。" in admin.get("/admin").text
    _post(admin, "/chat")
    assert admin.post("/api/chat", json={"question": QUESTION}).status_code == 200
    assert [(e.actor, e.action) for e in store.audited(2)] == [("张三", "chat on"), ("张三", "chat off")]


def test_what_was_asked_is_listed_filtered_and_shown(admin: TestClient) -> None:
    given = admin.post("/api/chat", json={"question": QUESTION}).json()
    admin.post("/api/chat", json={"question": "火星上种多少<b>土豆</b>？"})
    assert QUESTION.replace("？", "?") in admin.get("/admin/questions?status=answered").text
    assert "土豆" not in admin.get("/admin/questions?status=answered").text
    assert "&lt;b&gt;土豆" in admin.get("/admin/questions", params={"q": "土豆"}).text
    assert "没有符合的提问" in admin.get("/admin/questions?page=99&status=x%25").text
    page = admin.get(f"/admin/answers/{given['id']}").text
    assert given["citations"][0]["title"] in page
    assert "土豆" in admin.get("/admin").text


def test_a_question_is_deleted_with_its_conversation_and_no_other(admin: TestClient, store: Store) -> None:
    def ask(conversation: str) -> str:
        asked = {"question": QUESTION} | ({"conversation": conversation} if conversation else {})
        return str(admin.post("/api/chat", json=asked).json()["id"])

    first, second, other, alone, alone_too = [ask(c) for c in ("c" * 20, "c" * 20, "d" * 20, "", "")]
    assert f"/admin/answers/{first}/delete" in admin.get(f"/admin/answers/{first}").text
    assert _post(admin, f"/answers/{first}/delete").headers["location"] == "/admin/questions"
    assert [store.load_answer(one) is not None for one in (first, second, other, alone)] == [False, False, True, True]
    _post(admin, f"/answers/{alone}/delete")
    assert [store.load_answer(one) is not None for one in (alone, alone_too)] == [False, True]
    assert _post(admin, f"/answers/{alone}/delete").status_code == 404
    entry = store.audited()[1]
    assert (entry.actor, entry.action, entry.detail) == ("张三", "answers deleted", f"{first}: 2")


def test_a_question_becomes_a_draft_of_a_gold_item(admin: TestClient) -> None:
    given = admin.post("/api/chat", json={"question": QUESTION}).json()
    assert _post(admin, f"/answers/{given['id']}/gold", note="应答三项").status_code == 303
    (line,) = admin.get("/admin/gold.jsonl").text.splitlines()
    draft = json.loads(line)
    assert (draft["question"], draft["author"], draft["note"]) == (given["question"], "张三", "应答三项")
    assert draft["evidence"][0]["quote"] == given["citations"][0]["quote"]


def test_a_report_of_an_error_gets_an_owner_and_a_state(admin: TestClient, store: Store) -> None:
    given = admin.post("/api/chat", json={"question": QUESTION}).json()
    admin.post(f"/api/answers/{given['id']}/reports", json={"comment": "<i>不对</i>"})
    assert "&lt;i&gt;不对" in admin.get("/admin/errors?state=open").text
    (report,) = store.error_reports()
    assert _post(admin, f"/errors/{report.id}", state="fixed", owner="王五").status_code == 303
    assert (store.error_reports()[0].state, store.error_reports()[0].owner) == (ReportState.FIXED, "王五")
    assert "没有报错" in admin.get("/admin/errors?state=open").text
    assert _post(admin, f"/errors/{report.id}", state="nonsense").status_code == 422
    assert _post(admin, "/errors/999", state="open").status_code == 404


def _upload(admin: TestClient, name: str, content: bytes) -> Any:
    return admin.post("/admin/reports/upload", data={"key": _key(admin)}, files={"file": (name, content)}, headers=HTML)


def test_a_report_is_uploaded_previewed_published_replaced_taken_away_and_gone_back_from(
    admin: TestClient, service: Service, settings: Settings, data: Path, store: Store
) -> None:
    page = _upload(admin, "fengxi-2023.txt", (data / "fengxi-2023.txt").read_bytes())
    assert page.status_code == 200
    assert "奉溪" in page.text or "丰西" in page.text or "fengxi" in page.text
    assert list(service.corpora) == ["linhai-2025"]
    preview = re.search(r'name="preview" value="(\w+)"', page.text)
    assert preview
    assert _post(admin, "/reports/publish", preview=preview[1]).status_code == 303
    assert sorted(service.corpora) == ["fengxi-2023", "linhai-2025"]
    assert _post(admin, "/reports/publish", preview=preview[1]).status_code == 422
    assert _post(admin, "/reports/remove", name="fengxi-2023.txt").status_code == 303
    assert list(service.corpora) == ["linhai-2025"]
    assert _post(admin, "/reports/rollback").status_code == 303
    assert sorted(service.corpora) == ["fengxi-2023", "linhai-2025"]
    assert _post(admin, "/reports/rebuild").status_code == 303
    assert list(service.corpora) == ["linhai-2025"]
    assert "最后一份" in _post(admin, "/reports/remove", name="linhai-2025.txt").text
    assert "没有这份" in _post(admin, "/reports/remove", name="../planqa.sqlite").text
    assert (settings.reports_dir / "linhai-2025.txt").exists()
    assert [path.name for path in settings.reports_dir.iterdir()] == ["linhai-2025.txt"]
    assert {"rolled back", "published", "report published"} <= {entry.action for entry in store.audited()}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("r.exe", b"MZ", "类型限于"),
        ("a b\n.txt", b"x", "文件名"),
        ("r.docx", b"\xd0\xcf\x11\xe0" + b"0" * 600, "save it as .docx"),
        ("r.txt", b"", "empty"),
        ("r.pdf", b"%PDF-1.4 broken", "PDF cannot be read"),
    ],
)
def test_a_file_that_is_no_report_is_refused_with_the_reason_and_not_kept(
    name: str, content: bytes, reason: str, admin: TestClient, settings: Settings
) -> None:
    page = _upload(admin, name, content)
    assert (page.status_code, reason in page.text) == (422, True)
    staged = settings.data_dir / "staged"
    assert not staged.exists() or not list(staged.iterdir())
    assert str(settings.data_dir) not in page.text


def test_a_name_that_leads_elsewhere_stays_in_its_folder(admin: TestClient, settings: Settings, data: Path) -> None:
    content = (data / "fengxi-2023.txt").read_bytes()
    for name in ("../../evil.txt", "..\\..\\evil.txt", "/etc/evil.txt"):
        assert _upload(admin, name, content).status_code == 200
    staged = [path.relative_to(settings.data_dir) for path in settings.data_dir.parent.rglob("evil.txt")]
    assert {path.parts[0] for path in staged} == {"staged"}


def test_a_report_that_cannot_be_published_leaves_everything_as_it_was(
    admin: TestClient, settings: Settings, data: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _upload(admin, "linhai-2025.docx.txt", (data / "fengxi-2023.txt").read_bytes())
    preview = re.search(r'name="preview" value="(\w+)"', page.text)
    assert preview
    before = {path.name: path.read_bytes() for path in settings.reports_dir.iterdir()}

    def fail(*_: str) -> str:
        raise PublishingError("磁盘满了。")

    monkeypatch.setattr(_Publishing, "_index", fail)
    assert "磁盘满了。" in _post(admin, "/reports/publish", preview=preview[1]).text
    assert "磁盘满了。" in _post(admin, "/reports/rebuild").text
    assert {path.name: path.read_bytes() for path in settings.reports_dir.iterdir()} == before
    assert list(service.corpora) == ["linhai-2025"]


def test_two_changes_at_once_do_not_mix(settings: Settings, service: Service) -> None:
    service.start()
    publishing = _Publishing(settings)
    entered, leave = threading.Event(), threading.Event()

    def wait(*_: str) -> str:
        entered.set()
        leave.wait(timeout=10)
        return "done"

    publishing._index = wait  # type: ignore[method-assign]
    first = threading.Thread(target=publishing.rebuild)
    first.start()
    entered.wait(timeout=10)
    with pytest.raises(PublishingError, match="另一项变更"):
        publishing.rollback()
    leave.set()
    first.join(timeout=10)


def test_an_upload_needs_a_session_before_its_body_is_read(visitor: TestClient) -> None:
    big = b"0" * 2_000_000
    refused = visitor.post("/admin/reports/upload", data={"key": "x"}, files={"file": ("r.txt", big)})
    assert refused.status_code == 413


def test_the_shipped_folder_is_not_written(tmp_path: Path) -> None:
    settings = Settings(rate_limit="off", data_dir=tmp_path / "d", admin_token=TOKEN)  # type: ignore[arg-type]
    with pytest.raises(PublishingError, match="PLANQA_REPORTS_DIR"):
        Publishing(settings).preview("r.txt", tmp_path / "none")


@pytest.mark.model
def test_the_real_command_publishes_and_says_what_is_wrong(settings: Settings, data: Path) -> None:
    publishing = Publishing(settings)
    preview = publishing.preview("fengxi-2023.txt", data / "fengxi-2023.txt")
    assert preview.summary["passages"] > 0
    published = publishing.publish(preview.id)
    assert SnapshotStore(settings.data_dir).current().id == published
    (settings.reports_dir / "old.doc").write_bytes(b"x")
    with pytest.raises(PublishingError, match=r"old\.doc.*docx"):
        publishing.rebuild()


def test_what_is_published_here_goes_where_the_servers_search(tmp_path: Path) -> None:
    address = f"file://{tmp_path / 'milvus.db'}"
    settings = Settings(reports_dir=tmp_path, data_dir=tmp_path, vector_store=address)
    assert Publishing(settings)._environment["PLANQA_VECTOR_STORE"] == address
