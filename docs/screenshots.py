"""Pictures of the main states, made from the running application: `make screenshots` writes them into docs/images.

Also draws the icons and the picture that other sites show beside a link, from the favicon.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from eval.cli import BASELINE
from server.app import create_app
from server.rendering import WEB
from server.serve import Loader
from server.service import Service
from server.settings import Settings, read_settings
from server.storage import Store

IMAGES = Path(__file__).parent / "images"
PHONE, DESK = (360, 740), (1280, 900)
Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its name, the address, the window, the reader's display, and what is done first."""

    name: str
    path: str = "/"
    size: tuple[int, int] = DESK
    display: str = ""
    act: Act | None = None
    is_whole: bool = False


def ask(*questions: str) -> Act:
    """Ask the questions one after the other."""

    def act(page: Page) -> None:
        for number, question in enumerate(questions, 1):
            page.locator("#question").fill(question)
            page.locator("#send").click()
            page.locator("article.answer").nth(number - 1).wait_for()
        page.locator("#question").blur()

    return act


def example(kind: int) -> Act:
    """Ask one of the questions that the first page offers."""

    def act(page: Page) -> None:
        page.locator(".examples button").nth(kind).click()
        page.locator("article.answer").wait_for()

    return act


def open_source(page: Page) -> None:
    """Open the first source of an answer about work."""
    example(4)(page)
    page.locator(".marker").first.click()


def find(page: Page) -> None:
    """Find words in the report."""
    page.locator("#find").fill("养老")
    page.keyboard.press("Enter")


SHOTS = (
    Shot("start"),
    Shot("start-phone", size=PHONE),
    Shot("answer", act=open_source),
    Shot("answer-phone", size=PHONE, act=open_source, is_whole=True),
    Shot("answer-elder-phone", size=PHONE, display="layout=elder", act=example(4), is_whole=True),
    Shot("answer-dark", display="theme=dark", act=example(2)),
    Shot("answer-contrast-phone", size=PHONE, display="contrast=high", act=example(2), is_whole=True),
    Shot("no-answer", act=ask("明天下雨吗？")),
    Shot("english", display="language=en", act=example(0)),
    Shot("glossary", "/glossary"),
    Shot("term", "/glossary/1"),
    Shot("indicators", "/indicators"),
    Shot("indicators-phone", "/indicators", size=PHONE),
    Shot("search", "/search?q=养老&scores=1"),
    Shot("report", "/reports", act=find),
    Shot("quality", "/quality"),
    Shot("display-phone", "/display", size=PHONE, is_whole=True),
)


@contextmanager
def application(data: Path) -> Iterator[str]:
    """The address of the real application, its answers kept in `data`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    knowledge = Loader(read_settings(), _bar)()
    settings = Settings(data_dir=data, rate_limit="off")
    store = Store(settings.database)
    app = create_app(Service(lambda: knowledge, memory=store), settings, store, BASELINE)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)
    store.close()


@contextmanager
def _bar(_: int) -> Iterator[Callable[[int], object]]:
    yield lambda _: None


def take(browser: Browser, address: str, shot: Shot) -> None:
    """Write one picture."""
    width, height = shot.size
    with browser.new_context(
        base_url=address, viewport={"width": width, "height": height}, reduced_motion="reduce"
    ) as context:
        if shot.display:
            context.add_cookies([{"name": "display", "value": shot.display, "url": address}])
        page = context.new_page()
        page.goto(shot.path)
        if shot.act:
            shot.act(page)
        page.screenshot(path=IMAGES / f"{shot.name}.png", full_page=shot.is_whole)


def draw(browser: Browser, svg: str) -> None:
    """Write the icons and the card into the static files."""
    for size in (192, 512):
        page = browser.new_page(viewport={"width": size, "height": size})
        page.set_content(f"<style>*{{margin:0}} svg{{display:block;width:{size}px;height:{size}px}}</style>{svg}")
        page.screenshot(path=WEB / "static" / f"icon-{size}.png", omit_background=True)
    page = browser.new_page(viewport={"width": 1200, "height": 630})
    page.set_content(f"""<style>
        body {{ margin: 0; height: 630px; display: grid; align-content: center; padding-inline: 96px; background: #f8f7f3;
            color: #1d2325; font-family: "Noto Sans CJK SC", sans-serif; }}
        svg {{ width: 128px; height: 128px; }} h1 {{ margin: 40px 0 12px; font-size: 84px; }}
        p {{ margin: 0; font-size: 40px; color: #56605f; }}</style>
        {svg}<h1>计划报告，问一句就知道</h1><p>每句回答都注明出处，点一下就能看到原文。</p>""")
    page.screenshot(path=WEB / "static" / "card.png")


def main() -> None:
    """Make all pictures anew."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, application(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        draw(browser, (WEB / "static" / "favicon.svg").read_text(encoding="utf-8"))
        for shot in SHOTS:
            take(browser, address, shot)
        browser.close()


if __name__ == "__main__":
    main()
