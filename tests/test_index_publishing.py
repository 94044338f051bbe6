"""Builds that are killed, run out of disk, or are gone back from; servers that take up what is published."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import fill
from fastapi.testclient import TestClient

from index.build import Changes, build_snapshot, changes, is_current
from index.embedder import HashEmbedder
from index.manifest import SnapshotError
from index.snapshot import SnapshotStore
from ingest.readers import UnreadableFile
from server.answering.pipeline import Knowledge
from server.app import create_app
from server.service import Service
from server.settings import Settings

MODEL = HashEmbedder().model
_VECTORS = "reports/fengxi-2023/vectors.faiss"


@pytest.fixture
def folders(data: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two folders of reports, the second with one more."""
    for name, files in {"one": ["fengxi-2023.txt"], "two": ["fengxi-2023.txt", "linhai-2025.txt"]}.items():
        (tmp_path / name).mkdir()
        for file in files:
            shutil.copy(data / file, tmp_path / name)
    return tmp_path / "one", tmp_path / "two"


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    """An empty data folder."""
    return SnapshotStore(tmp_path / "data")


def test_what_a_build_would_change_is_named(folders: tuple[Path, Path], store: SnapshotStore) -> None:
    one, two = folders
    assert changes(one, store) == Changes(("fengxi-2023.txt",), (), ())
    build_snapshot(two, store, HashEmbedder())
    (one / "fengxi-2023.txt").write_text("一、新\n新的话。", encoding="utf-8")
    assert changes(one, store) == Changes((), ("fengxi-2023.txt",), ("linhai-2025.txt",))


def test_a_report_that_is_the_same_is_not_parsed_again(
    folders: tuple[Path, Path], store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = folders
    build_snapshot(one, store, HashEmbedder())
    parsed: list[str] = []
    read = Path.read_bytes
    monkeypatch.setattr("ingest.readers.registry.Path.read_bytes", lambda p: (parsed.append(p.name), read(p))[1])
    manifest = build_snapshot(two, store, HashEmbedder())
    assert parsed.count("fengxi-2023.txt") == 1  # hashed
    assert parsed.count("linhai-2025.txt") == 2  # hashed and parsed
    assert build_snapshot(two, store, HashEmbedder(), rebuild=True).corpora == manifest.corpora


def test_rollback_publishes_the_one_before_and_lasts_until_the_next_build(
    folders: tuple[Path, Path], store: SnapshotStore
) -> None:
    one, two = folders
    first, second = build_snapshot(one, store, HashEmbedder()), build_snapshot(two, store, HashEmbedder())
    assert store.rollback().id == first.id == store.current().id
    assert is_current(two, store, MODEL)
    assert not is_current(one, store, MODEL) or store.current().sources == first.sources
    assert store.rollback().id == second.id
    assert store.rollback().id == first.id
    assert build_snapshot(two, store, HashEmbedder()).id == second.id == store.current().id


def test_there_is_nothing_to_go_back_to_before_the_second_build_or_where_it_is_damaged(
    folders: tuple[Path, Path], store: SnapshotStore, tmp_path: Path
) -> None:
    one, two = folders
    with pytest.raises(SnapshotError, match="planqa index"):
        store.rollback()
    first = build_snapshot(one, store, HashEmbedder())
    with pytest.raises(SnapshotError, match="no earlier"):
        store.rollback()
    second = build_snapshot(two, store, HashEmbedder())
    (tmp_path / "data" / "snapshots" / first.id / _VECTORS).write_bytes(b"")
    with pytest.raises(SnapshotError, match="no earlier"):
        store.rollback()
    assert store.current().id == second.id


def test_rollback_leaves_a_damaged_snapshot_behind(
    folders: tuple[Path, Path], store: SnapshotStore, tmp_path: Path
) -> None:
    first, second = (build_snapshot(folder, store, HashEmbedder()) for folder in folders)
    (tmp_path / "data" / "snapshots" / second.id / "manifest.json").write_text("{", encoding="utf-8")
    assert store.rollback().id == first.id
    assert store.open(HashEmbedder()).id == first.id


def _service(store: SnapshotStore) -> Service:
    return Service(lambda: Knowledge.of(store.open(HashEmbedder())), store.pointer)


def test_a_service_takes_up_what_is_published_and_keeps_the_old_where_the_new_is_broken(
    folders: tuple[Path, Path], store: SnapshotStore, tmp_path: Path
) -> None:
    one, two = folders
    first = build_snapshot(one, store, HashEmbedder())
    service = _service(store)
    service.start()
    assert not service.refresh()
    second = build_snapshot(two, store, HashEmbedder())
    broken = tmp_path / "data" / "snapshots" / second.id / _VECTORS
    whole = broken.read_bytes()
    broken.write_bytes(b"broken")
    assert not service.refresh()
    assert service.knowledge.snapshot.id == first.id
    broken.write_bytes(whole)
    assert service.refresh()
    assert service.knowledge.snapshot.id == second.id
    (two / "broken.docx").write_bytes(b"PK")
    with pytest.raises(UnreadableFile):
        build_snapshot(two, store, HashEmbedder())
    assert not service.refresh()
    store.rollback()
    assert service.refresh()
    assert service.knowledge.snapshot.id == first.id


@pytest.mark.soak
def test_swaps_under_load_fail_no_request(
    folders: tuple[Path, Path], store: SnapshotStore, is_long: bool, figure: Callable[[str], None]
) -> None:
    swaps = 300 if is_long else 12
    build_snapshot(folders[0], store, HashEmbedder())
    service = _service(store)
    done = threading.Event()
    statuses: list[int] = []
    served: set[str] = set()

    with TestClient(create_app(service, Settings(rate_limit="off")), raise_server_exceptions=False) as client:

        def ask(number: int) -> None:
            while not done.is_set():
                if number % 2:
                    path = ("/glossary", "/reports", "/indicators", "/")[len(statuses) % 4]
                    # Not followed: between the two requests the report it leads to may be taken away.
                    status = client.get(path, follow_redirects=False).status_code
                    statuses.append(200 if status == 302 else status)
                    continue
                response = client.post("/api/chat", json={"question": "地区生产总值增长多少？"})
                statuses.append(response.status_code)
                served.add(response.json().get("snapshot", ""))
                for citation in response.json().get("citations", ()):
                    report = citation["report"]
                    statuses.append(200 if report in ("fengxi-2023", "linhai-2025") else 500)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        try:
            for number in range(swaps):
                manifest = build_snapshot(folders[(number + 1) % 2], store, HashEmbedder())
                service.refresh()
                assert service.knowledge.snapshot.id == manifest.id
        finally:
            done.set()
            for thread in threads:
                thread.join(timeout=30)
    assert set(statuses) == {200}
    assert len(served) == 2
    figure(f"{swaps} swaps, {len(statuses)} requests, 0 failed")


@pytest.mark.soak
def test_a_build_killed_at_any_moment_leaves_a_snapshot_that_opens(
    folders: tuple[Path, Path], store: SnapshotStore, tmp_path: Path, is_long: bool, figure: Callable[[str], None]
) -> None:
    kills = 100 if is_long else 6
    ids = {build_snapshot(folder, store, HashEmbedder()).id for folder in folders}
    chance = random.Random(20240101)
    half_built = 0
    opened = set()
    for _ in range(kills):
        command = [
            sys.executable,
            str(Path(__file__).with_name("builder.py")),
            str(tmp_path / "data"),
            *map(str, folders),
        ]
        root = str(Path(__file__).parents[1])
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root})
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.8))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        half_built += bool(list((tmp_path / "data").glob("building-*")))
        opened.add(store.open(HashEmbedder()).id)
    assert opened <= ids
    assert build_snapshot(folders[0], store, HashEmbedder(), rebuild=True).id in ids
    assert not list((tmp_path / "data").glob("building-*"))
    figure(f"{kills} kill -9, {half_built} amid a build, {kills} snapshots opened")


@pytest.mark.soak
def test_a_full_disk_ends_the_build_and_the_old_snapshot_is_served(
    folders: tuple[Path, Path], small_disk: Path, figure: Callable[[str], None]
) -> None:
    store = SnapshotStore(small_disk / "data")
    before = build_snapshot(folders[0], store, HashEmbedder(8))
    service = Service(lambda: Knowledge.of(store.open(HashEmbedder(8))), store.pointer)
    service.start()
    fill(small_disk)
    for _ in range(3):
        with pytest.raises(OSError, match=r"full|No space|database"):
            build_snapshot(folders[1], store, HashEmbedder(8))
        assert not service.refresh()
        assert store.open(HashEmbedder(8)).id == before.id
    (small_disk / "filler").unlink()
    figure("3 builds refused on a full disk, the old snapshot opened each time")
