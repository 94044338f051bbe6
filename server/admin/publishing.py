"""Adds and removes report files and publishes them, each step in a process of its own that can be ended."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any

from ingest.corpus import report_files
from ingest.readers import UnreadableFile, suffixes
from server.settings import PREFIX, Settings

PREVIEW_SECONDS = 60
PREVIEW_BYTES = 2 * 1024**3
"""Memory that reading an uploaded file may take: a small file can be made to take any."""
PUBLISH_SECONDS = 30 * 60
STAGED_FILES = 20
_NAME = re.compile(r"[\w.()（）-]{1,80}")
_BOUNDED = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory})); "
    "resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds})); "
    "import planqa; planqa.main(sys.argv[1:])"
)


class PublishingError(RuntimeError):
    """It cannot be done; the words, in Chinese, say why."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What was parsed of an uploaded file that is not published yet; `id` names it."""

    id: str
    file: str
    summary: Mapping[str, Any]


class Publishing:
    """The folder of report files, and the commands that publish it. One change at a time."""

    def __init__(self, settings: Settings) -> None:
        self._reports = settings.reports_dir
        self._staged = settings.data_dir / "staged"
        self._environment = {
            f"{PREFIX}REPORTS_DIR": str(settings.reports_dir.absolute()),
            f"{PREFIX}DATA_DIR": str(settings.data_dir.absolute()),
            f"{PREFIX}EMBEDDING_MODEL": settings.embedding_model,
            f"{PREFIX}VECTOR_STORE": settings.vector_store,
        }
        self._is_shipped = settings.reports_dir == Settings().reports_dir
        self._busy = Lock()

    @property
    def files(self) -> list[Path]:
        """The report files, in name order; none where the folder cannot be read."""
        try:
            return report_files(self._reports)
        except UnreadableFile:
            return []

    def preview(self, name: str, content: Path) -> Preview:
        """Stage an uploaded file and parse it, within bounds of time and memory.

        :raises PublishingError: it cannot be read; it is then not kept.
        """
        self._check_writable()
        name = Path(name.replace("\\", "/")).name
        if not _NAME.fullmatch(name) or Path(name).suffix.lower() not in suffixes():
            raise PublishingError(f"文件名只能用字母、汉字、数字和 . - _，类型限于 {'、'.join(suffixes())}。")
        self._staged.mkdir(parents=True, exist_ok=True)
        self._drop_old()
        # A folder of its own, since the file's name is the report's id.
        folder = self._staged / token_hex(8)
        folder.mkdir()
        shutil.copyfile(content, folder / name)
        bounds = _BOUNDED.format(memory=PREVIEW_BYTES, seconds=PREVIEW_SECONDS)
        try:
            (summary,) = self._run([bounds, "ingest", "--json", str(folder / name)], PREVIEW_SECONDS)
        except PublishingError:
            shutil.rmtree(folder)
            raise
        return Preview(folder.name, name, summary)

    def publish(self, preview: str) -> str:
        """Put a staged file in its place and publish; the snapshot's id. Where that fails everything is as before.

        :raises PublishingError: there is no such file, it cannot be published, or another change is under way.
        """
        folder = self._staged / preview
        staged = list(folder.iterdir()) if re.fullmatch("[0-9a-f]{16}", preview) and folder.is_dir() else []
        if len(staged) != 1:
            raise PublishingError("这个上传的文件已经不在了，请重新上传。")
        with self._changing():
            target = self._reports / staged[0].name
            same_id = [path for path in self.files if path.stem == target.stem]
            with self._set_aside(same_id):
                fresh = target.with_name(f".{target.name}.part")
                shutil.copyfile(staged[0], fresh)
                os.replace(fresh, target)
                try:
                    published = self._index()
                except PublishingError:
                    target.unlink()
                    raise
        shutil.rmtree(folder)
        return published

    def remove(self, name: str) -> str:
        """Take a report away and publish; the snapshot's id. Where that fails everything is as before.

        :raises PublishingError: there is no such file, it is the last, or another change is under way.
        """
        self._check_writable()
        with self._changing():
            found = [path for path in self.files if path.name == name]
            if not found or len(self.files) == 1:
                raise PublishingError("没有这份报告。" if not found else "这是最后一份报告，不能撤下。")
            with self._set_aside(found):
                return self._index()

    def rebuild(self) -> str:
        """Publish the folder as it is; the snapshot's id.

        :raises PublishingError: it cannot be published, or another change is under way.
        """
        with self._changing():
            return self._index()

    def rollback(self) -> str:
        """Publish the snapshot before; its id.

        :raises PublishingError: there is none, or another change is under way.
        """
        with self._changing():
            return self._index("--rollback")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            raise PublishingError("另一项变更正在进行，请稍后再试。")
        try:
            yield
        finally:
            self._busy.release()

    @contextmanager
    def _set_aside(self, files: Sequence[Path]) -> Iterator[None]:
        """Move files out of sight, and back where what follows fails."""
        aside = {path: path.with_name(f".{path.name}.{token_hex(4)}.aside") for path in files}
        for path, hidden in aside.items():
            os.replace(path, hidden)
        try:
            yield
        except BaseException:
            for path, hidden in aside.items():
                os.replace(hidden, path)
            raise
        for hidden in aside.values():
            hidden.unlink()

    def _index(self, *options: str) -> str:
        started = "import sys, planqa; planqa.main(sys.argv[1:])"
        return str(self._run([started, "index", "--json", *options], PUBLISH_SECONDS)["id"])

    def _run(self, arguments: Sequence[str], seconds: int) -> Any:
        """What a command prints as JSON.

        :raises PublishingError: it takes too long, or ends with an error, which is said.
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)} | self._environment
        command = [sys.executable, "-c", *arguments]
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=seconds + 10, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise PublishingError("处理的时间太长，已经停止。请检查文件是不是一份报告。") from error
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [""])[-1]
            words = last.removeprefix("planqa: ").replace(str(self._staged) + os.sep, "")
            raise PublishingError(f"没能处理：{words or '占用的内存或时间太多'}")
        return json.loads(done.stdout)

    def _check_writable(self) -> None:
        if self._is_shipped or not os.access(self._reports, os.W_OK):
            raise PublishingError("报告文件夹不能写入。请用 PLANQA_REPORTS_DIR 指定一个可写的文件夹，再重启服务。")

    def _drop_old(self) -> None:
        folders = sorted(self._staged.iterdir(), key=lambda folder: folder.stat().st_mtime)
        for folder in folders[: max(0, len(folders) - STAGED_FILES + 1)]:
            shutil.rmtree(folder, ignore_errors=True)
