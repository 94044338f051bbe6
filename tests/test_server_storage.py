"""What the service remembers, the same in SQLite and in a real PostgreSQL."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from conftest import fill
from sqlalchemy import create_engine, inspect, text, update

from server.answering.model import Answer, Status
from server.storage import GivenAnswer, ReportState, StorageError, Store
from server.storage.migrate import config, newest
from server.storage.tables import ANSWERS, CLIENT_KEYS, METADATA

ROOT = Path(__file__).parents[1]
START_SECONDS = 300
"""What PostgreSQL may take to start."""


def make_answer(number: int = 1, question: str = "失业率是多少？", status: Status = Status.ANSWERED) -> Answer:
    return Answer(
        id=f"a{number}", status=status, question=question, resolved_question=question, mode="extractive",
        answer="3.5%。[1]", sentences=(), citations=(), related=(), notice=None, snapshot="s1",
        timings_ms={"understand": 1.5, "retrieve_dense": 1.0, "retrieve": 2.0},
    )  # fmt: skip


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL of the tests' own, reached by a socket in its folder."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    folder = tmp_path_factory.mktemp("postgres")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        for parent in (folder, *folder.parents[:2]):
            parent.chmod(0o755)
        shutil.chown(folder, "postgres")
    run = str(programs[-1].parent)
    data = str(folder / "data")
    _done([*as_user, f"{run}/initdb", "--no-sync", "-A", "trust", "-U", "planqa", "-D", data])
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    log = folder / "data" / "log"
    # On a busy machine it takes longer to start than the minute that pg_ctl waits by itself.
    wait = ["-w", "-t", str(START_SECONDS)]
    _done([*as_user, f"{run}/pg_ctl", "-D", data, *wait, "-l", str(log), "-o", options, "start"], log)
    server = int((folder / "data" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
    yield f"postgresql://planqa@/postgres?host={folder}"
    os.kill(server, signal.SIGQUIT)


def _done(command: list[str], log: Path | None = None) -> None:
    """Run a program of PostgreSQL; where it fails, say what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = log.read_text(encoding="utf-8", errors="replace") if log and log.exists() else ""
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}{said}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'kept' / 'planqa.sqlite'}"
    address = str(request.getfixturevalue("postgres"))
    name = "t" + str(abs(hash(str(tmp_path))))
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return address.replace("/postgres?", f"/{name}?")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store of each kind."""
    store = Store(url)
    yield store
    store.close()


def _age(store: Store, answer: str, days: int) -> None:
    with store._begin() as connection:
        connection.execute(
            update(ANSWERS).where(ANSWERS.c.id == answer).values(at=datetime.now(UTC) - timedelta(days=days))
        )


def test_an_answer_is_loaded_as_it_was_saved(store: Store) -> None:
    store.save_answers([GivenAnswer(make_answer(), "c" * 20, store.client_name("192.0.2.1"), {"trust": 0.9})])
    saved = store.load_answer("a1")
    assert saved is not None
    assert (saved.answer, saved.is_kept) == (make_answer(), False)
    assert abs((datetime.now(UTC) - saved.answered_at).total_seconds()) < 60
    assert store.load_answer("a2") is None
    (row,) = store.answers()
    assert (row.id, row.status, row.milliseconds) == ("a1", "answered", 3.5)
    assert abs((datetime.now(UTC) - row.at).total_seconds()) < 60


def test_answers_kept_together_are_all_there_but_for_one_that_cannot_be(store: Store) -> None:
    given = [GivenAnswer(make_answer(number)) for number in range(3)]
    store.save_answers(given[:2])
    with pytest.raises(StorageError):
        store.save_answers([given[0], given[2]])
    assert [row.id for row in reversed(store.answers())] == [one.answer.id for one in given]


def test_answers_are_found_by_status_and_words_the_newest_first(store: Store) -> None:
    for number, status in enumerate([Status.ANSWERED, Status.ANSWERED_PARTLY, Status.NOT_IN_REPORT]):
        store.save_answers([GivenAnswer(make_answer(number, f"100%问题{number}", status))])
        _age(store, f"a{number}", 3 - number)
    assert [row.id for row in store.answers()] == ["a2", "a1", "a0"]
    assert [row.id for row in store.answers("answered")] == ["a1", "a0"]
    assert [row.id for row in store.answers(words="题1")] == ["a1"]
    assert store.answers(words="1_0") == store.answers(words="%2") == []
    assert [row.id for row in store.answers(limit=1, offset=1)] == ["a1"]
    store.save_answers([GivenAnswer(make_answer(9, "100%问题2", Status.NOT_IN_REPORT))])
    assert store.most_asked(status="unanswerable") == [("100%问题2", 2)]
    assert store.statuses() == {"answered": 1, "answered_partly": 1, "unanswerable_not_in_report": 2}
    assert store.statuses(days=0) == {}


def test_a_report_of_an_error_is_queued_owned_and_closed(store: Store) -> None:
    store.save_answers([GivenAnswer(make_answer())])
    with pytest.raises(LookupError):
        store.report_error("none", "错")
    number = store.report_error("a1", "数字不对", "number")
    (report,) = store.error_reports(ReportState.OPEN)
    assert (report.id, report.answer, report.question, report.comment) == (number, "a1", "失业率是多少？", "数字不对")
    assert (report.reason, report.owner) == ("number", "")
    store.change_report(number, ReportState.FIXED, "张三")
    assert store.error_reports(ReportState.OPEN) == []
    assert (store.error_reports()[0].state, store.error_reports()[0].owner) == (ReportState.FIXED, "张三")
    with pytest.raises(LookupError):
        store.change_report(number + 1, ReportState.OPEN, "")


def test_a_conversation_is_forgotten_with_its_reports_and_no_other(store: Store) -> None:
    for number, conversation in enumerate(["c" * 20, "c" * 20, "d" * 20, ""]):
        store.save_answers([GivenAnswer(make_answer(number), conversation)])
    store.report_error("a0", "")
    assert store.delete_conversation("") == 0
    assert store.delete_conversation("c" * 20) == 2
    assert store.delete_conversation("c" * 20) == 0
    assert {row.id for row in store.answers()} == {"a2", "a3"}
    assert store.error_reports() == []


def test_an_answer_that_somebody_kept_outlives_the_retention_but_not_its_conversation(store: Store) -> None:
    store.save_answers([GivenAnswer(make_answer(0), "c" * 20)])
    assert store.keep_answer("a0")
    assert not store.keep_answer("none")
    _age(store, "a0", 400)
    assert store.forget(30) == 0
    kept = store.load_answer("a0")
    assert kept is not None
    assert kept.is_kept
    assert store.delete_conversation("c" * 20) == 1


def test_what_is_older_than_the_retention_is_forgotten(store: Store) -> None:
    for number in range(3):
        store.save_answers([GivenAnswer(make_answer(number))])
    _age(store, "a0", 31)
    _age(store, "a1", 29)
    store.report_error("a0", "")
    assert store.forget(30) == 1
    assert {row.id for row in store.answers()} == {"a1", "a2"}


def test_an_address_has_one_name_a_day_and_its_key_is_thrown_away(store: Store, url: str) -> None:
    name = store.client_name("192.0.2.1")
    assert name == store.client_name("192.0.2.1") != store.client_name("192.0.2.2")
    assert "192" not in name
    other = Store(url)
    assert other.client_name("192.0.2.1") == name
    other.close()
    with store._begin() as connection:
        connection.execute(update(CLIENT_KEYS).values(day="2020-01-01"))
    store.forget(1)
    assert store.client_name("192.0.2.1") != name
    with store._begin() as connection:
        days = connection.execute(text("SELECT day FROM client_keys")).scalars().all()
    assert days == [datetime.now(UTC).date().isoformat()]


def test_many_ask_for_the_days_key_at_once_and_get_the_same(store: Store) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(store.client_name("192.0.2.1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 8
    assert len(set(names)) == 1


def test_the_switch_the_audit_and_the_drafts_are_kept(store: Store, url: str) -> None:
    assert store.chat_notice() is None
    store.switch_chat("维护中。")
    store.switch_chat("还在维护。")
    store.audit("admin", "chat off", "还在维护。")
    store.add_gold({"question": "问"})
    other = Store(url)
    assert other.chat_notice() == "还在维护。"
    assert [(entry.actor, entry.action, entry.detail) for entry in other.audited()] == [
        ("admin", "chat off", "还在维护。")
    ]
    assert other.gold() == [{"question": "问"}]
    other.switch_chat(None)
    other.close()
    assert store.chat_notice() is None


def test_the_migrations_make_just_the_tables_of_the_program(url: str) -> None:
    Store(url).close()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == newest()
        assert set(inspect(connection).get_table_names()) == {*METADATA.tables, "alembic_version"}
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_with_what_to_do_and_left_alone(url: str) -> None:
    Store(url).close()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=rf"newer version \(9999, this one knows them up to {newest()}\).*backup"):
        Store(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    engine.dispose()


def test_a_database_of_an_earlier_version_is_upgraded_with_what_it_holds(url: str) -> None:
    Store(url).close()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    values = {"answer": make_answer().model_dump_json(), "at": datetime.now(UTC).replace(tzinfo=None)}
    with engine.begin() as connection:
        command.downgrade(config(connection), "0001")
        connection.execute(
            text(
                "INSERT INTO answers (id, at, conversation, client, question, status, mode, snapshot, milliseconds,"
                " answer, details) VALUES ('a1', :at, '', '', '问', 'answered', 'extractive', 's', 1, :answer, '{}')"
            ),
            values,
        )
        connection.execute(
            text(
                "INSERT INTO error_reports (at, answer, comment, state, owner, changed)"
                " VALUES (:at, 'a1', '错', 'open', '', :at)"
            ),
            {"at": values["at"]},
        )
    engine.dispose()
    store = Store(url)
    saved = store.load_answer("a1")
    assert saved is not None
    assert (saved.answer, saved.is_kept) == (make_answer(), False)
    assert [(report.comment, report.reason) for report in store.error_reports()] == [("错", "other")]
    store.close()


def test_several_who_open_an_empty_database_at_once_all_can(url: str) -> None:
    problems: list[Exception] = []

    def open_store() -> None:
        try:
            Store(url).close()
        except StorageError as error:
            problems.append(error)

    threads = [threading.Thread(target=open_store) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


@pytest.mark.parametrize(
    "address",
    ["mysql://a:geheim@b/c", "nonsense", "postgresql://planqa:geheim@127.0.0.1:1/none", "sqlite:////proc/none/x"],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(address: str) -> None:
    with pytest.raises((StorageError, OSError)) as refused:
        Store(address)
    assert "geheim" not in str(refused.value)


def test_a_conversations_id_is_nowhere_in_the_database(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'x.sqlite'}")
    store.save_answers([GivenAnswer(make_answer(), "conversation-0123456789", store.client_name("192.0.2.77"))])
    store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("x.sqlite*"))
    assert b"conversation-0123" not in content
    assert b"192.0.2.77" not in content


WRITER = """
import sys
from server.storage import GivenAnswer, Store
from test_server_storage import make_answer
store, first = Store(sys.argv[1]), int(sys.argv[2])
for number in range(first, first + 100_000):
    store.save_answers([GivenAnswer(make_answer(number))])
    print(number, flush=True)
"""


@pytest.mark.soak
def test_what_was_acknowledged_is_there_after_kill_9(url: str, is_long: bool, figure: Callable[[str], None]) -> None:
    kills = 100 if is_long else 4
    chance = random.Random(7)
    acknowledged: list[int] = []
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    for kill in range(kills):
        command = [sys.executable, "-c", WRITER, url, str(kill * 100_000)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert process.stdout is not None
        acknowledged.append(int(process.stdout.readline()))
        time.sleep(chance.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        process.wait()
        process.stdout.close()
    store = Store(url)
    missing = [number for number in acknowledged if store.load_answer(f"a{number}") is None]
    store.close()
    assert missing == []
    figure(f"{kills} kill -9, {len(acknowledged)} answers acknowledged, 0 lost")


@pytest.mark.soak
def test_a_full_disk_loses_nothing_that_was_kept_and_storing_goes_on_when_there_is_room(
    small_disk: Path, figure: Callable[[str], None]
) -> None:
    store = Store(f"sqlite:///{small_disk / 'planqa.sqlite'}")
    store.save_answers([GivenAnswer(make_answer(0))])
    fill(small_disk)
    kept, refused = [0], 0
    for number in range(1, 400):
        try:
            store.save_answers([GivenAnswer(make_answer(number))])
            kept.append(number)
        except StorageError:
            refused += 1
    assert refused
    assert all(store.load_answer(f"a{number}") for number in kept)
    (small_disk / "filler").unlink()
    store.save_answers([GivenAnswer(make_answer(1000))])
    assert {row.id for row in store.answers(limit=1000)} == {f"a{number}" for number in (*kept, 1000)}
    store.close()
    figure(f"{refused} writes refused on a full disk, {len(kept)} acknowledged, 0 lost")


def test_a_damaged_database_is_named_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match="not a database"):
        Store(f"sqlite:///{path}")
