"""The pages as people use them: a real browser, a scripted answerer, the report that ships."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from starlette.middleware.base import RequestResponseEndpoint

import server
from ingest.corpus import ingest_file
from ingest.model import Corpus, Span
from server.answering.model import Answer, AnswerSentence, Citation, Origin, Status, Turn
from server.pages import build_router
from server.places import Places

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
STATIC = Path(server.__file__).parent / "web" / "static"
CSP = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
PAGES = ("/", "/glossary", "/glossary/1", "/indicators", "/reports/xicheng-2024", "/glossary/9999")
MARKUP = "<img src=x onerror=alert(1)><b>粗</b>"


@dataclass
class Scripted:
    """Answers by question; remembers what history came with each."""

    answers: Mapping[str, Answer]
    asked: list[tuple[str, Sequence[Turn]]] = field(default_factory=list)

    async def answer(self, question: str, history: Sequence[Turn]) -> Answer:
        """The scripted answer."""
        self.asked.append((question, history))
        return self.answers[question]


def _cited(places: Places, marker: int, span: Span) -> Citation:
    return Citation(marker=marker, **places.place(span).model_dump())


def _answer(question: str, sentences: Sequence[AnswerSentence], **values: object) -> Answer:
    text = "".join(s.text + "".join(f"[{marker}]" for marker in s.markers) for s in sentences)
    facts: dict[str, object] = {
        "id": "a", "status": Status.ANSWERED, "question": question, "resolved_question": question,
        "mode": "extractive", "answer": text, "sentences": tuple(sentences), "citations": (), "related": (),
        "notice": None, "snapshot": "s", "timings_ms": {},
    }  # fmt: skip
    return Answer.model_validate(facts | values)


def _sentence(text: str, origin: Origin = "quoted", *markers: int) -> AnswerSentence:
    return AnswerSentence(text=text, markers=markers, origin=origin)


def scripted(corpus: Corpus) -> dict[str, Answer]:
    """One answer of every shape."""
    places, text = Places(corpus), corpus.report.text
    plain = next(s.span for p in corpus.passages[20:] for s in p.sentences if 20 < s.span.end - s.span.start < 80)
    # A hyphen in the words must be escaped in links.
    term, row = next(t for t in corpus.terms if "-" in t.definition.of(text)), corpus.indicators[10]
    three = (_cited(places, 1, plain), _cited(places, 2, term.definition), _cited(places, 3, row.span))
    mixed = [
        _sentence(plain.of(text), "quoted", 1),
        _sentence(term.definition.of(text), "quoted", 2),
        _sentence(f"{row.name}的{row.values[0].header}是{row.values[0].text}{row.unit}。", "composed", 3),
        _sentence(row.span.of(text), "quoted", 3),
        _sentence("两项相加是 12。", "computed", 1, 3),
        _sentence("总的来说，今年的安排比去年更细。", "generated", 1, 2),
    ]
    return {
        "安排": _answer("安排", mixed[:1], citations=three[:1]),
        "全部": _answer("全部", mixed, citations=three, resolved_question="今年的全部安排", notice="数字以原文为准。"),
        "明天下雨吗": _answer(
            "明天下雨吗", [_sentence("报告里没有写天气。", "composed")], status=Status.REALTIME,
            related=(places.place(plain), places.place(row.span)),
        ),
        MARKUP: _answer(MARKUP, [_sentence(MARKUP, "composed")], status=Status.CLARIFY, notice=MARKUP),
    }  # fmt: skip


def build_app(corpus: Corpus, answerer: Scripted) -> FastAPI:
    """The pages, the static files and a scripted API under the strict policy of the real app."""
    app = FastAPI()
    app.include_router(build_router(lambda: SimpleNamespace(corpora={corpus.report.id: corpus}), lambda: answerer))
    app.mount("/static", StaticFiles(directory=STATIC))

    @app.middleware("http")
    async def strict(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = CSP
        return response

    @app.post("/api/chat")
    async def chat(request: Request) -> Response:
        body = await request.json()
        if body["question"] not in answerer.answers:
            return JSONResponse({"code": "busy", "message": "现在提问的人很多，请稍后再试。"}, 503)
        answer = await answerer.answer(body["question"], [Turn(**turn) for turn in body["history"]])
        return StreamingResponse(_events(answer), media_type="text/event-stream")

    return app


async def _events(answer: Answer) -> AsyncIterator[bytes]:
    stages = ("understand", "retrieve", "compose", "verify")
    events: list[tuple[str, object]] = [("status", {"stage": stage}) for stage in stages]
    events += [("sentence", s.model_dump(mode="json")) for s in answer.sentences]
    events += [("citation", c.model_dump(mode="json")) for c in answer.citations]
    events.append(("done", answer.model_dump(mode="json")))
    yield b": ping\r\n\r\n"
    for name, data in events:
        whole = f"event: {name}\r\ndata: {json.dumps(data, ensure_ascii=False)}\r\n\r\n".encode()
        # Cut where it hurts: inside a character and between CR and LF.
        yield whole[:-3]
        yield whole[-3:]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """The report that ships."""
    return ingest_file(ROOT / "ingest" / "reports" / "xicheng-2024.txt")


@pytest.fixture(scope="module")
def answerer(corpus: Corpus) -> Scripted:
    """The scripted answerer behind both the form and the API."""
    return Scripted(scripted(corpus))


@pytest.fixture(scope="module")
def address(corpus: Corpus, answerer: Scripted) -> Iterator[str]:
    """A running server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = uvicorn.Server(uvicorn.Config(build_app(corpus, answerer), port=port, log_level="warning"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(5)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def either_page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """A page with and one without JavaScript."""
    yield from _page(browser.new_context(base_url=address, java_script_enabled=request.param))


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page with JavaScript."""
    yield from _page(browser.new_context(base_url=address))


def _page(context: BrowserContext) -> Iterator[Page]:
    with context:
        page = context.new_page()
        page.set_default_timeout(5000)
        yield page


def _ask(page: Page, question: str) -> None:
    page.get_by_role("textbox").fill(question)
    page.get_by_role("button", name="提问", exact=True).click()


def test_a_marker_leads_to_its_source_and_the_source_to_the_words_in_the_report(
    either_page: Page, answerer: Scripted
) -> None:
    page, citation = either_page, answerer.answers["全部"].citations[0]
    page.goto("/")
    _ask(page, "全部")
    page.get_by_role("link", name="出处 1", exact=True).first.click()
    card = page.locator(".source:target")
    expect(card).to_be_in_viewport()
    expect(card).to_contain_text(citation.quote)
    expect(card).to_contain_text(citation.title)
    card.get_by_role("link", name="在报告中查看").click()
    words = page.locator(":target")
    expect(words).to_have_text(citation.quote)
    expect(words).to_be_in_viewport()


@pytest.mark.parametrize("index", [1, 2], ids=["a term", "a table row"])
def test_terms_and_table_rows_have_places_in_the_report_too(page: Page, answerer: Scripted, index: int) -> None:
    citation = answerer.answers["全部"].citations[index]
    page.goto(citation.url)
    expect(page.locator(":target")).to_be_in_viewport()
    for cell in citation.quote.split("\t"):
        expect(page.locator(":target")).to_contain_text(cell)


def test_follow_ups_carry_the_conversation(either_page: Page, answerer: Scripted) -> None:
    either_page.goto("/")
    for question in ("安排", "全部"):
        _ask(either_page, question)
        either_page.locator(".source").first.wait_for()
        expect(either_page.get_by_role("textbox")).to_have_value("")
    expect(either_page.get_by_text("我理解您问的是：今年的全部安排")).to_be_visible()
    asked, history = answerer.asked[-1]
    assert asked == "全部"
    assert [(turn.role, turn.content) for turn in history] == [
        ("user", "安排"),
        ("assistant", answerer.answers["安排"].answer),
    ]
    expect(either_page.locator(".question")).to_have_text(["您问安排", "您问全部"])


@pytest.mark.parametrize("question", ["全部", "明天下雨吗", MARKUP])
def test_script_and_server_render_the_same_answer(browser: Browser, address: str, question: str) -> None:
    rendered = []
    for has_script in (True, False):
        with browser.new_context(base_url=address, java_script_enabled=has_script) as context:
            page = context.new_page()
            page.goto("/")
            _ask(page, question)
            article = page.locator("article.answer:not([aria-busy])")
            html = article.evaluate(
                """(article) => {
                    const flat = (node) => node.nodeType === Node.TEXT_NODE ? node.data.replace(/\\s+/g, "")
                        : `<${node.tagName} ${node.className} ${node.getAttribute("aria-label")} ${node.hash}>`
                          + [...node.childNodes].map(flat).join("");
                    return flat(article);
                }"""
            )
            rendered.append(html.replace("source-js-1-", "#").replace("source-2-", "#"))
    assert rendered[0] == rendered[1]


def test_markup_in_questions_and_answers_stays_text(either_page: Page) -> None:
    either_page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    either_page.goto("/")
    _ask(either_page, MARKUP)
    expect(either_page.locator(".sentence")).to_have_text(MARKUP)
    expect(either_page.locator(".question p")).to_have_text(MARKUP)
    assert either_page.locator("main img, main b").count() == 0


def test_what_is_no_answer_looks_like_none_and_shows_what_is_nearest(either_page: Page) -> None:
    either_page.goto("/")
    _ask(either_page, "明天下雨吗")
    expect(either_page.locator(".answer.non-answer")).to_contain_text("报告里没有写天气。")
    expect(either_page.get_by_role("heading", name="报告里最接近的内容")).to_be_visible()
    expect(either_page.locator(".related .source")).to_have_count(2)


def test_an_error_shows_the_servers_sentence_and_keeps_the_question(page: Page) -> None:
    page.goto("/")
    _ask(page, "没有人写过这个答案")
    expect(page.get_by_role("alert")).to_have_text("现在提问的人很多，请稍后再试。")
    expect(page.get_by_role("textbox")).to_have_value("没有人写过这个答案")
    expect(page.locator(".question")).to_have_count(0)


def test_without_a_network_the_question_is_kept(page: Page) -> None:
    page.goto("/")
    page.context.set_offline(True)
    _ask(page, "安排")
    expect(page.get_by_role("alert")).to_contain_text("没有网络连接")
    expect(page.get_by_role("textbox")).to_have_value("安排")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_question_can_be_stopped(page: Page) -> None:
    page.route("**/api/chat", lambda _: None)  # never answered
    page.goto("/")
    _ask(page, "安排")
    expect(page.get_by_role("status")).to_have_text("正在理解问题……")
    page.get_by_role("button", name="停止").click()
    expect(page.get_by_role("alert")).to_contain_text("已停止")
    expect(page.get_by_role("textbox")).to_have_value("安排")


def test_a_stream_that_breaks_off_gives_no_answer(page: Page) -> None:
    cut = 'event: sentence\ndata: {"text": "半句", "markers": [], "origin": "quoted"}\n\n'
    page.route("**/api/chat", lambda route: route.fulfill(body=cut, content_type="text/event-stream"))
    page.goto("/")
    _ask(page, "安排")
    expect(page.get_by_role("alert")).to_contain_text("回答没有传完")
    expect(page.locator(".answer")).to_have_count(0)


def test_the_conversation_is_there_after_reading_the_report_until_a_new_one_begins(page: Page) -> None:
    page.goto("/")
    _ask(page, "安排")
    page.get_by_role("link", name="在报告中查看").click()
    page.wait_for_url("**/reports/**")
    page.goto("/")
    expect(page.locator(".question")).to_have_text("您问安排")
    page.get_by_role("button", name="开始新的对话").click()
    expect(page.locator(".question")).to_have_count(0)
    page.reload()
    expect(page.locator(".question")).to_have_count(0)


def test_an_example_asks_itself(page: Page) -> None:
    page.goto("/")
    example = page.locator("#examples button").first
    words = example.inner_text()
    with page.expect_request("**/api/chat") as request:
        example.click()
    assert json.loads(request.value.post_data or "")["question"] == words


def test_the_glossary_filters_while_typing(page: Page, corpus: Corpus) -> None:
    page.goto("/glossary?q=" + corpus.terms[0].name)
    expect(page.locator("#terms > li:visible")).to_have_count(1)
    page.get_by_role("searchbox").fill("")
    expect(page.locator("#terms > li:visible")).to_have_count(len(corpus.terms))
    page.get_by_role("searchbox").fill("没有这个词")
    expect(page.get_by_text("没有找到")).to_be_visible()


def test_larger_text_is_remembered(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="特大字号").click()
    page.goto("/glossary")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"


@pytest.mark.parametrize("path", [*PAGES, "asked"])
@pytest.mark.parametrize("size", ["", "largest"])
def test_no_page_scrolls_sideways_on_a_small_phone(browser: Browser, address: str, path: str, size: str) -> None:
    with browser.new_context(base_url=address, viewport={"width": 320, "height": 640}) as context:
        page = _open(context, path)
        page.evaluate("size => { document.documentElement.dataset.size = size; }", size)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("path", [*PAGES, "asked"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, address: str, path: str, scheme: str) -> None:
    with browser.new_context(base_url=address, color_scheme=scheme, reduced_motion="reduce") as context:  # type: ignore[arg-type]
        results = Axe().run(_open(context, path))
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("path", ["/", "/indicators", "/glossary/1", "asked"])
def test_targets_are_large_enough(browser: Browser, address: str, path: str) -> None:
    with browser.new_context(base_url=address, viewport={"width": 390, "height": 800}) as context:
        small = _open(context, path).evaluate(
            """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
                .filter((target) => target.checkVisibility() && !target.matches(".skip"))
                .map((target) => [target.outerHTML, target.getBoundingClientRect()])
                .filter(([, box]) => box.width && (box.height < 44 || box.width < 44))
                .map(([html]) => html)"""
        )
        assert small == []


def _open(context: BrowserContext, path: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(5000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.extend([said.text] if "Content Security Policy" in said.text else []))
    page.goto("/" if path == "asked" else path)
    if path == "asked":
        _ask(page, "全部")
        page.locator(".answer:not([aria-busy])").wait_for()
    assert problems == []
    return page
