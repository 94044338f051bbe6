"""The chat as people use it: a real browser, scripted answers, the report that ships."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from scripted_site import MARKUP, ScriptedSite, running, scripted

from ingest.model import Corpus

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(corpus: Corpus) -> ScriptedSite:
    """The scripted answers."""
    return scripted(corpus)


@pytest.fixture(scope="module")
def address(site: ScriptedSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running server."""
    with running(site, tmp_path_factory.mktemp("data")) as address:
        yield address


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
    yield from _page(browser.new_context(base_url=address, java_script_enabled=request.param, reduced_motion="reduce"))


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page with JavaScript, which may write to the clipboard."""
    permissions = ["clipboard-read", "clipboard-write"]
    yield from _page(browser.new_context(base_url=address, reduced_motion="reduce", permissions=permissions))


def _page(context: BrowserContext) -> Iterator[Page]:
    with context:
        page = context.new_page()
        page.set_default_timeout(5000)
        yield page


def _ask(page: Page, question: str) -> None:
    page.locator("#question").fill(question)
    page.get_by_role("button", name="提问", exact=True).click()


def _answered(page: Page, question: str) -> None:
    before = page.locator(".exchange article.answer").count()
    _ask(page, question)
    expect(page.locator(".exchange article.answer")).to_have_count(before + 1)


def _clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_marker_leads_to_the_words_in_their_paragraph_and_on_to_the_report(
    either_page: Page, site: ScriptedSite
) -> None:
    page, citation = either_page, site.answers["全部"].citations[0]
    page.goto("/")
    _answered(page, "全部")
    page.get_by_role("link", name="出处 1", exact=True).first.click()
    card = page.locator(".source-passage")
    expect(card.locator("mark")).to_have_text(citation.quote)
    expect(card.locator("mark")).to_be_in_viewport()
    expect(card).to_contain_text(citation.title.rpartition(" › ")[2])
    card.get_by_role("link", name="在报告中查看").click()
    words = page.locator(":target")
    expect(words).to_have_text(citation.quote)
    expect(words).to_be_in_viewport()


def test_the_whole_paragraph_can_be_shown(page: Page, site: ScriptedSite, corpus: Corpus) -> None:
    citation, text = site.answers["安排"].citations[0], corpus.report.text
    paragraph = text[text.rfind("\n", 0, citation.start) + 1 : text.index("\n", citation.end)]
    page.goto("/")
    _answered(page, "安排")
    shown = page.locator(".source-text")
    assert len(shown.inner_text()) < len(paragraph)
    page.get_by_role("button", name="显示整段").click()
    assert shown.inner_text().removeprefix("1").replace("1" + citation.quote, citation.quote) == paragraph


def test_the_marker_of_a_table_row_shows_its_cells_under_their_titles(page: Page, corpus: Corpus) -> None:
    row = corpus.indicators[10]
    page.goto("/")
    _answered(page, "全部")
    page.get_by_role("link", name="出处 3", exact=True).first.click()
    shown = page.locator(".row.is-current")
    expect(shown).to_be_focused()
    titles, cells = row.header.of(corpus.report.text).split("\t"), row.span.of(corpus.report.text).split("\t")
    expect(shown.locator("dt")).to_have_text(titles)
    expect(shown.locator("dd")).to_have_text(cells)


def test_escape_and_the_number_lead_from_the_source_back_to_the_sentence(page: Page, site: ScriptedSite) -> None:
    page.goto("/")
    _answered(page, "全部")
    marker = page.get_by_role("link", name="出处 2", exact=True).first
    marker.focus()
    page.keyboard.press("Enter")
    expect(page.locator("mark.is-current")).to_have_text(site.answers["全部"].citations[1].quote)
    page.keyboard.press("Escape")
    expect(marker).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="回到回答，出处 2").click()
    expect(marker).to_be_focused()


@pytest.mark.parametrize("index", [1, 2], ids=["a term", "a table row"])
def test_terms_and_table_rows_have_places_in_the_report_too(page: Page, site: ScriptedSite, index: int) -> None:
    citation = site.answers["全部"].citations[index]
    page.goto(citation.url)
    expect(page.locator(":target")).to_be_in_viewport()
    for cell in citation.quote.split("\t"):
        expect(page.locator(":target")).to_contain_text(cell)


def test_a_term_in_an_answer_explains_itself(page: Page, corpus: Corpus) -> None:
    page.goto("/")
    _answered(page, "全部")
    link = page.locator("a.term").last
    term = next(t for t in corpus.terms if t.name == link.inner_text())
    definition = term.definition.of(corpus.report.text)
    card = page.locator(".term-card", has_text=definition)
    for open_it, close_it in (
        (link.hover, lambda: page.mouse.move(0, 0)),
        (link.focus, lambda: page.keyboard.press("Escape")),
        (link.click, lambda: page.keyboard.press("Escape")),
    ):
        expect(card).to_be_hidden()
        open_it()
        expect(card).to_be_visible()
        expect(card).to_be_in_viewport(ratio=1)
        close_it()
        page.locator("#question").focus()
    expect(card).to_be_hidden()
    expect(link).to_have_accessible_description(f"{term.name} {definition} 看词条和用处")


def test_without_script_a_term_leads_to_the_glossary(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/")
        _answered(page, "全部")
        name = page.locator("a.term").last.inner_text()
        page.locator("a.term").last.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_follow_ups_carry_the_conversation(either_page: Page, site: ScriptedSite) -> None:
    either_page.goto("/")
    for question in ("安排", "全部"):
        _answered(either_page, question)
        expect(either_page.locator("#question")).to_have_value("")
    expect(either_page.get_by_text("我理解您问的是：今年的全部安排")).to_be_visible()
    asked, history = site.asked[-1]
    assert asked == "全部"
    assert [(turn.role, turn.content) for turn in history] == [
        ("user", "安排"),
        ("assistant", site.answers["安排"].answer),
    ]
    expect(either_page.locator(".question")).to_have_text(["您问安排", "您问全部"])
    expect(either_page.locator(".exchange .sources")).to_have_count(2)


def test_a_suggested_question_asks_itself_within_the_conversation(either_page: Page, site: ScriptedSite) -> None:
    either_page.goto("/")
    _answered(either_page, "安排")
    button = either_page.locator(".suggestions button").first
    words = button.inner_text()
    site.answers[words] = site.answers["安排"].model_copy(update={"question": words})
    button.click()
    expect(either_page.locator(".question")).to_have_text(["您问安排", f"您问{words}"])
    expect(either_page.locator(".exchange article.answer")).to_have_count(2)
    assert site.asked[-1][0] == words
    assert len(site.asked[-1][1]) == 2


def test_markup_in_questions_answers_and_sources_stays_text(either_page: Page) -> None:
    either_page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    either_page.goto("/")
    _answered(either_page, MARKUP)
    expect(either_page.locator(".sentence")).to_have_text(MARKUP)
    expect(either_page.locator(".question p")).to_have_text(MARKUP)
    assert either_page.locator("main img, main b").count() == 0


def test_what_is_no_answer_looks_like_none_and_shows_what_is_nearest(either_page: Page) -> None:
    either_page.goto("/")
    _answered(either_page, "明天下雨吗")
    expect(either_page.locator(".answer.non-answer")).to_contain_text("报告里没有写天气。")
    expect(either_page.get_by_role("heading", name="报告里最接近的内容")).to_be_visible()
    expect(either_page.locator(".nearest .source")).to_have_count(2)


def test_every_origin_is_told_in_the_page_and_in_what_is_copied(page: Page, site: ScriptedSite) -> None:
    page.goto("/")
    _answered(page, "全部")
    labels = ["原文", "据原文整理", "原文", "计算", "内容由人工智能生成，请以原文为准"]
    expect(page.locator(".origin")).to_have_text(labels)
    page.get_by_role("button", name="复制", exact=True).click()
    expect(page.locator("#toast")).to_have_text("已复制，连同出处")
    copied = _clipboard(page)
    for label in labels:
        assert f"【{label}】" in copied
    for citation in site.answers["全部"].citations:
        assert " ".join(citation.quote.split("\t")) in copied
        assert citation.title in copied
    assert "/answers/" in copied


def test_generated_words_carry_their_label_when_they_are_selected_and_copied(page: Page) -> None:
    page.goto("/")
    _answered(page, "全部")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.run-generated .sentence'))")
    page.keyboard.press("Control+c")
    assert _clipboard(page).endswith("（内容由人工智能生成，请以原文为准）")


def test_an_error_shows_the_servers_sentence_keeps_the_question_and_can_be_retried(
    page: Page, site: ScriptedSite
) -> None:
    page.goto("/")
    _ask(page, "后来才有答案")
    expect(page.get_by_role("alert")).to_contain_text("现在提问的人较多，请稍等片刻再试。")
    expect(page.locator("#question")).to_have_value("后来才有答案")
    expect(page.locator(".exchange")).to_have_count(0)
    expect(page.locator("#retry")).to_be_disabled()
    expect(page.locator("#retry")).to_have_text("5 秒后可以再试")
    site.answers["后来才有答案"] = site.answers["安排"].model_copy(update={"question": "后来才有答案"})
    expect(page.locator("#retry")).to_be_enabled(timeout=8000)
    page.locator("#retry").click()
    expect(page.locator("article.answer")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_without_a_network_the_question_is_kept(page: Page) -> None:
    page.goto("/")
    page.context.set_offline(True)
    _ask(page, "安排")
    expect(page.get_by_role("alert")).to_contain_text("没有网络连接")
    expect(page.locator("#question")).to_have_value("安排")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_question_can_be_stopped(page: Page) -> None:
    def never(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()

    page.route("**/", never)
    page.goto("/")
    _ask(page, "安排")
    expect(page.locator("#progress")).to_have_text("正在提问……")
    page.get_by_role("button", name="停止").click()
    expect(page.get_by_role("alert")).to_contain_text("已停止")
    expect(page.locator("#question")).to_have_value("安排")


@pytest.mark.parametrize("cut", [1, 3], ids=["inside a line break", "inside a character"])
def test_a_stream_that_breaks_off_gives_no_answer(page: Page, cut: int) -> None:
    body = 'event: status\r\ndata: {"words": "正在"}\r\n\r\n'.encode()[:-cut]

    def break_off(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            route.fulfill(body=body, content_type="text/event-stream")

    page.route("**/", break_off)
    page.goto("/")
    _ask(page, "安排")
    expect(page.get_by_role("alert")).to_contain_text("回答没有传完")
    expect(page.locator(".answer")).to_have_count(0)


@pytest.mark.parametrize("question", ["全部", "总结"], ids=["all at once", "one by one"])
def test_screen_readers_hear_each_sentence_once_and_nothing_else(page: Page, site: ScriptedSite, question: str) -> None:
    page.goto("/")
    _answered(page, question)
    heard = [sentence.text for sentence in site.answers[question].sentences]
    expect(page.locator("#heard p")).to_have_text([*heard, "回答好了，有 3 处出处。"])
    assert page.locator("#thread").get_attribute("aria-live") is None


def test_a_sentence_is_shown_with_its_label_before_the_answer_is_complete(page: Page, site: ScriptedSite) -> None:
    events = (
        page.request.post("/", form={"question": "总结"}, headers={"Accept": "text/event-stream"})
        .text()
        .split("event: ")[1:]
    )
    until = next(i for i, event in enumerate(events) if event.startswith("sentence"))
    body = "".join("event: " + event for event in events[: until + 1])

    def break_off(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            route.fulfill(body=body, content_type="text/event-stream")

    page.route("**/", break_off)
    page.goto("/")
    # The exchange goes when the stream breaks off: what it showed until then is remembered.
    page.evaluate(
        """() => new MutationObserver(() => { const said = document.querySelector(".is-pending .answer");
        if (said) window.said = said.innerText; }).observe(document.getElementById("thread"), {childList: true, subtree: true})"""
    )
    _ask(page, "总结")
    expect(page.get_by_role("alert")).to_contain_text("回答没有传完")
    said = page.evaluate("window.said")
    assert "内容由人工智能生成，请以原文为准" in said
    assert site.answers["总结"].sentences[0].text in said
    assert site.answers["总结"].sentences[1].text not in said


def test_the_conversation_is_there_after_reading_the_report_until_a_new_one_begins(page: Page) -> None:
    page.goto("/")
    _answered(page, "安排")
    page.get_by_role("link", name="在报告中查看").click()
    page.wait_for_url("**/reports/**")
    page.goto("/")
    expect(page.locator(".question")).to_have_text("您问安排")
    page.get_by_role("button", name="开始新的对话").click()
    expect(page.locator(".question")).to_have_count(0)
    page.reload()
    expect(page.locator(".question")).to_have_count(0)


def test_earlier_conversations_stay_in_the_browser_until_they_are_cleared(page: Page, site: ScriptedSite) -> None:
    page.goto("/")
    _answered(page, "安排")
    page.get_by_role("button", name="开始新的对话").click()
    earlier = page.locator("#history li button")
    expect(earlier).to_have_text(["安排"])
    earlier.click()
    expect(page.locator(".exchange .sources")).to_be_visible()
    _answered(page, "全部")
    assert [turn.content for turn in site.asked[-1][1]][:1] == ["安排"]
    page.get_by_role("button", name="开始新的对话").click()
    assert site.store is not None
    kept = len(site.store.answers())
    page.get_by_role("button", name="清除全部").click()
    expect(page.locator("#history")).to_be_hidden()
    assert len(site.store.answers()) == kept - 2
    page.reload()
    expect(page.locator("#history")).to_be_hidden()


def test_an_answer_has_an_address_that_lasts(page: Page, site: ScriptedSite) -> None:
    page.goto("/")
    _answered(page, "安排")
    page.get_by_role("link", name="永久链接").click()
    expect(page.locator("#toast")).to_have_text("链接已复制，会长期保存")
    page.goto(_clipboard(page))
    expect(page.locator(".sentence")).to_contain_text(site.answers["安排"].sentences[0].text)
    expect(page.locator(".facts")).to_contain_text("长期保存")
    expect(page.locator(".facts code")).to_have_text("s")
    page.locator("#question").fill("全部")
    page.get_by_role("button", name="提问", exact=True).click()
    expect(page.locator(".question")).to_have_text(["您问安排", "您问全部"])


def test_what_is_wrong_can_be_told(either_page: Page) -> None:
    either_page.goto("/")
    _answered(either_page, "安排")
    either_page.get_by_text("这条不对").click()
    either_page.get_by_label("数字不对").check()
    either_page.get_by_label("补充说明").fill("应当是另一个数。")
    either_page.get_by_role("button", name="提交").click()
    expect(either_page.get_by_text("谢谢，已经记下（编号")).to_be_visible()


def test_an_example_asks_itself(either_page: Page, site: ScriptedSite) -> None:
    either_page.goto("/")
    example = either_page.locator(".examples button").first
    words = example.inner_text()
    site.answers[words] = site.answers["安排"].model_copy(update={"question": words})
    example.click()
    expect(either_page.locator(".question p")).to_have_text(words)
