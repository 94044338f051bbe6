"""The pages beside the chat, and what holds on every page: reach, contrast, size, no script, another site's page."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from scripted_site import ScriptedSite, running, scripted

from ingest.model import Corpus
from server.answering.pipeline import Knowledge

pytestmark = pytest.mark.browser

PAGES = (
    "/", "/glossary", "/glossary/1", "/indicators", "/search", "/search?q=养老&scores=1", "/reports/xicheng-2024",
    "/display", "/quality", "/accessibility", "/glossary/9999",
)  # fmt: skip
STATES = (
    "answered",
    "source open",
    "term open",
    "no answer",
    "complaining",
    "complained",
    "refused",
    "saved",
    "history",
)
DISPLAYS = {
    "light": "", "desktop": "", "dark": "theme=dark", "elder": "layout=elder&size=large", "contrast": "contrast=high",
    "dark contrast": "theme=dark&contrast=high", "English": "language=en",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(corpus: Corpus, knowledge: Knowledge) -> ScriptedSite:
    """The scripted answers, and the real search."""
    return replace(scripted(corpus), search=knowledge.snapshot.search)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Another site, whose page loads the script that its address names, and styles everything it can."""

    class Foreign(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path.partition("?")[2]
            page = f"""<!doctype html><html lang="zh"><title>街道网站</title>
                <style>html {{ font-size: 40px }} * {{ color: red !important }} button {{ display: none }}</style>
                <main><h1>街道网站</h1><p id="own">自己的内容</p></main><script src="{script}" async></script></html>"""
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Foreign)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def address(site: ScriptedSite, elsewhere: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running server that lets the other site show the chat."""
    with running(site, tmp_path_factory.mktemp("data"), widget_origins=(elsewhere,)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield launched
        launched.close()


def _context(browser: Browser, address: str, display: str = "", width: int = 1280, height: int = 900) -> BrowserContext:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    if display:
        context.add_cookies([{"name": "display", "value": display, "url": address}])
    return context


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page with JavaScript."""
    with _context(browser, address) as context:
        page = context.new_page()
        page.set_default_timeout(5000)
        yield page


def _open(context: BrowserContext, where: str) -> Page:
    """A page, or a state of the chat, that broke no rule of its own policy on the way."""
    page = context.new_page()
    page.set_default_timeout(5000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.extend([said.text] if "Content Security Policy" in said.text else []))
    if where.startswith("/"):
        page.goto(where)
    else:
        _state(page, where)
    assert problems == []
    return page


def _state(page: Page, state: str) -> None:
    page.goto("/")
    if state == "refused":
        _ask(page, "没有人写过这个答案")
        page.locator("#retry").wait_for()
        return
    _ask(page, "明天下雨吗" if state == "no answer" else "全部")
    page.locator("article.answer").wait_for()
    if state == "source open":
        page.locator(".marker").nth(2).click()
    elif state == "term open":
        page.locator("a.term").last.focus()
        page.locator(".term-card:popover-open").wait_for()
    elif state in ("complaining", "complained"):
        page.locator(".wrong summary").click()
        if state == "complained":
            page.locator(".wrong input").first.check()
            page.locator(".wrong button").click()
            page.locator(".wrong [role=status]").wait_for()
    elif state == "saved":
        page.goto(page.locator("a[data-keep]").get_attribute("href") or "")
    elif state == "history":
        page.locator("#restart").click()
        page.locator("#history li button").wait_for()


def _ask(page: Page, question: str) -> None:
    page.locator("#question").fill(question)
    page.locator("#send").click()


@pytest.mark.parametrize("where", [*PAGES, *STATES])
@pytest.mark.parametrize("display", DISPLAYS)
def test_axe_finds_nothing(browser: Browser, address: str, where: str, display: str) -> None:
    width = 1280 if display == "desktop" else 390
    with _context(browser, address, DISPLAYS[display], width=width) as context:
        results = Axe().run(_open(context, where))
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("where", [*PAGES, *STATES])
@pytest.mark.parametrize("display", ["", "size=largest", "layout=elder&size=largest", "language=en"])
def test_nothing_scrolls_sideways_at_320_pixels(browser: Browser, address: str, where: str, display: str) -> None:
    with _context(browser, address, display, width=320, height=256) as context:
        assert _open(context, where).evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("where", ["/", "/indicators", "/glossary/1", "/search?q=养老", "answered", "complaining"])
@pytest.mark.parametrize(("display", "least"), [("", 44), ("layout=elder", 60)], ids=["standard", "elder"])
def test_targets_are_large_enough(browser: Browser, address: str, where: str, display: str, least: int) -> None:
    with _context(browser, address, display, width=390) as context:
        small = _open(context, where).evaluate(
            """(least) => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
                // Words within running text are no targets of their own; nor is a box whose label is one.
                .filter((target) => target.checkVisibility() && !target.matches(".skip, .term, .back, label input"))
                .map((target) => [target.outerHTML, target.getBoundingClientRect()])
                .filter(([, box]) => box.width && (box.height < least - 0.5 || box.width < least - 0.5))
                .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html.slice(0, 120)}`)""",
            least,
        )
        assert small == []


def test_the_elder_view_shows_no_text_under_18_points(browser: Browser, address: str) -> None:
    with _context(browser, address, "layout=elder", width=390) as context:
        for where in ("/", "answered", "/indicators", "/glossary", "/display"):
            smallest, tightest = _open(context, where).evaluate(
                """() => {
                    const shown = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility()
                        && !element.closest(".visually-hidden") && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
                    const styles = shown.map((element) => getComputedStyle(element));
                    const size = (style) => parseFloat(style.fontSize);
                    const badge = (element) => element.matches(".back, code, .problem *");
                    return [Math.min(...styles.filter((_, i) => !badge(shown[i])).map(size)),
                        Math.min(...styles.filter((_, i) => !badge(shown[i])).map((style) => (parseFloat(style.lineHeight) || 2 * size(style)) / size(style)))];
                }"""
            )
            assert smallest >= 24
            assert tightest >= 1.3


def test_the_display_is_chosen_kept_and_undone_without_script(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/glossary/2")
        page.get_by_role("button", name="长辈版").click()
        expect(page).to_have_url(re.compile("/glossary/2$"))
        size = page.locator("html").evaluate("root => getComputedStyle(root).fontSize")
        page.get_by_role("button", name="字大").click()
        assert size == "24px" != page.locator("html").evaluate("root => getComputedStyle(root).fontSize")
        page.get_by_role("button", name="标准版").click()
        page.get_by_role("link", name="设置", exact=True).click()
        page.get_by_label("深色").check()
        page.get_by_label("English").check()
        page.get_by_role("button", name="保存").click()
        expect(page).to_have_url(re.compile("/glossary/2$"))
        assert page.locator("html").get_attribute("data-theme") == "dark"
        assert page.locator("html").get_attribute("lang") == "en"
        expect(page.get_by_role("link", name="Indicators")).to_be_visible()


def test_the_keyboard_alone_asks_opens_a_source_and_comes_back(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("安排")
    page.keyboard.press("Enter")
    page.locator("article.answer").wait_for()
    page.locator("#main").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.marker')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".opens")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".marker")).to_be_focused()


@pytest.mark.parametrize("way", ["name", "alias", "initials", "definition"])
def test_the_glossary_finds_while_typing(page: Page, corpus: Corpus, way: str) -> None:
    han = re.compile("[\u4e00-\u9fff]+")
    term = next(term for term in corpus.terms if term.aliases and han.fullmatch(term.aliases[-1]))
    page.goto("/glossary")
    item = page.locator("#terms > li").filter(has=page.locator(f'a[href="/glossary/{term.number}"]'))
    typed = {
        "name": term.name,
        "alias": term.aliases[-1],
        "initials": (item.get_attribute("data-words") or "").split("\n")[-2],
        "definition": term.definition.of(corpus.report.text)[3:15],
    }[way]
    assert way != "initials" or re.fullmatch("[a-z]{2,}", typed)
    page.get_by_role("searchbox").fill(typed)
    expect(item).to_be_visible()
    assert page.locator("#terms > li:visible").count() < len(corpus.terms) / 2
    page.get_by_role("searchbox").fill("没有这个词")
    expect(page.get_by_text("没有找到")).to_be_visible()


def test_a_definition_is_copied_with_its_source(page: Page, corpus: Corpus) -> None:
    term = corpus.terms[2]
    page.goto(f"/glossary/{term.number}")
    page.get_by_role("button", name="复制原文和出处").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert term.definition.of(corpus.report.text) in copied
    assert f"——《{corpus.report.title}》" in copied


def test_a_staff_member_goes_from_a_value_to_its_cell_and_downloads_the_table(page: Page, corpus: Corpus) -> None:
    row = corpus.indicators[10]
    page.goto("/indicators")
    page.get_by_label("维度").select_option(row.dimension)
    page.get_by_role("button", name="显示").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert row.name in download.value.path().read_text(encoding="utf-8-sig")
    page.locator(f"#{row.id} .value a").click()
    cell = page.locator("td:target")
    expect(cell).to_have_text(row.planned.text)
    expect(cell).to_be_in_viewport()


def test_search_marks_the_words_and_leads_to_their_place(page: Page) -> None:
    page.goto("/search")
    page.get_by_role("searchbox").fill("养老")
    page.get_by_role("button", name="搜索").click()
    first = page.locator(".hits > li").first
    expect(first.locator("mark").first).to_have_text("养老")
    assert page.locator(".score").count() == 0
    first.get_by_role("link", name="在报告中查看").click()
    expect(page.locator(":target")).to_be_in_viewport()


def test_words_are_found_in_the_report_one_after_the_other(page: Page, corpus: Corpus) -> None:
    page.goto("/reports/xicheng-2024")
    page.locator("#find").fill("养老")
    body = corpus.report.text.count("养老")
    expect(page.locator(".find .count")).to_have_text(str(body))
    page.keyboard.press("Enter")
    expect(page.locator(".find .count")).to_have_text(f"1/{body}")
    page.get_by_role("button", name="上一处").click()
    expect(page.locator(".find .count")).to_have_text(f"{body}/{body}")
    page.locator("#find").fill("没有的词")
    expect(page.locator(".find .count")).to_have_text("没有找到")


def test_selected_words_have_a_link_that_leads_to_them(page: Page, corpus: Corpus) -> None:
    unit = corpus.passages[30].sentences[0]
    page.goto("/reports/xicheng-2024")
    page.evaluate("id => getSelection().selectAllChildren(document.getElementById(id))", unit.id)
    page.get_by_role("button", name="复制链接").click()
    expect(page.locator("#toast")).to_have_text("链接已复制")
    link = page.evaluate("navigator.clipboard.readText()")
    assert f"/reports/xicheng-2024#{unit.id}:~:text=" in link
    page.goto(link)
    expect(page.locator(f"#{unit.id}")).to_be_in_viewport()


def test_the_chat_works_in_another_sites_page_and_neither_sees_the_others_styles(
    page: Page, address: str, elsewhere: str
) -> None:
    page.goto(f"{elsewhere}/?{address}/widget.js")
    opener = page.get_by_role("button", name="问计划报告")
    opener.click()
    panel = page.get_by_role("dialog", name="计划报告问答")
    expect(panel.locator("#planqa-question")).to_be_focused()
    panel.locator("#planqa-question").fill("安排")
    page.keyboard.press("Enter")
    expect(panel.locator(".sentence")).to_be_visible()
    panel.get_by_role("link", name="出处 1", exact=True).click()
    expect(panel.locator("mark")).to_be_in_viewport()
    expect(panel.get_by_role("button", name="关闭")).to_be_in_viewport(ratio=1)
    link = panel.get_by_role("link", name="在报告中查看")
    assert (link.get_attribute("href") or "").startswith(f"{address}/reports/")
    assert panel.locator(".sentence").evaluate("e => getComputedStyle(e).fontSize") == "17.6px"
    assert panel.locator(".sentence").evaluate("e => getComputedStyle(e).color") == "rgb(29, 35, 37)"
    own = page.locator("#own")
    assert own.evaluate("e => [getComputedStyle(e).fontSize, getComputedStyle(document.body).display]") == [
        "40px",
        "block",
    ]
    results = Axe().run(page, context="planqa-chat")
    assert results.violations_count == 0, results.generate_report()
    page.keyboard.press("Escape")
    panel.locator("#planqa-question").focus()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_site_that_is_not_allowed_gets_no_answer(
    page: Page, site: ScriptedSite, tmp_path_factory: pytest.TempPathFactory, elsewhere: str
) -> None:
    with running(site, tmp_path_factory.mktemp("closed")) as closed:
        page.goto(f"{elsewhere}/?{closed}/widget.js")
        page.wait_for_timeout(500)
        assert page.locator("planqa-chat").count() == 0


def test_a_printed_answer_keeps_its_labels_and_sources(page: Page, site: ScriptedSite) -> None:
    page.goto("/")
    _ask(page, "全部")
    page.locator("article.answer").wait_for()
    page.emulate_media(media="print")
    expect(page.get_by_text("内容由人工智能生成，请以原文为准")).to_be_visible()
    expect(page.locator(".source-passage mark")).to_have_text(site.answers["全部"].citations[0].quote)
    expect(page.locator(".ask, .site-header, .actions").locator("visible=true")).to_have_count(0)


def test_the_first_page_weighs_little_and_can_be_read_before_its_script_runs(browser: Browser, address: str) -> None:
    with _context(browser, address) as context:
        page = context.new_page()
        page.goto("/", wait_until="networkidle")
        sizes = page.evaluate(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".map((entry) => entry.transferSize)"
        )
        assert len(sizes) > 5
        assert sum(sizes) < 150_000
    with browser.new_context(base_url=address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".examples button").first).to_be_visible()
