"""What the server sends without a browser: every page, its words, its status, its escapes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest
from echo_site import VOID, EchoSite, PageWords, client_over
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from ingest.model import Corpus
from server.app import create_app
from server.page_views import place_href
from server.pages import build_router
from server.places import Places
from server.settings import Settings
from server.storage import Store

ROOT = Path(__file__).parent.parent
WEB = ROOT / "server" / "web"
MARKUP = "<script>alert(1)</script>"

Client = Callable[..., TestClient]


@pytest.fixture(scope="module")
def older(corpus: Corpus) -> Corpus:
    """An older report with neither glossary nor indicators, its title full of markup."""
    report = replace(corpus.report, id="older", title=MARKUP, year_planned=2023)
    return replace(corpus, report=report, terms=(), indicators=())


@pytest.fixture
def echo(corpus: Corpus) -> EchoSite:
    """The scripted answerer."""
    return EchoSite(corpus)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The answers that were given."""
    store = Store(f"sqlite:///{tmp_path / 'planqa.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def client(echo: EchoSite, store: Store) -> Client:
    """A client of the pages over the given reports."""
    return lambda *corpora: client_over(echo, store, *corpora)


def _turn(role: str, content: str) -> str:
    return json.dumps({"role": role, "content": content})


def test_markup_from_people_and_reports_stays_text(client: Client, corpus: Corpus, older: Corpus) -> None:
    pages = client(corpus, older)
    asked = pages.post("/", data={"question": MARKUP, "history": _turn("assistant", MARKUP)})
    for response in (asked, pages.get("/reports/older"), pages.get("/glossary", params={"q": MARKUP})):
        assert MARKUP not in response.text
        assert MARKUP in unescape(response.text)


@pytest.mark.parametrize("path", ["/", "/glossary", "/glossary/1", "/indicators", "/reports/xicheng-2024"])
def test_every_page_is_well_formed_chinese_and_free_of_inline_code(client: Client, corpus: Corpus, path: str) -> None:
    response = client(corpus).get(path)
    assert response.status_code == 200
    assert '<html lang="zh-Hans" ' in response.text
    assert "<h1" in response.text
    assert PageWords(response.text).inline == []
    assert client(corpus).head(path).status_code == 200


def test_the_chat_weighs_little(client: Client, corpus: Corpus) -> None:
    static = WEB / "static"
    files = [path for path in static.iterdir() if path.suffix in (".css", ".js", ".svg")]
    assert len(files) > 10
    assert len(client(corpus).get("/").content) + sum(path.stat().st_size for path in files) < 100_000


def test_the_report_holds_every_unit_word_for_word(client: Client, corpus: Corpus) -> None:
    words = PageWords(client(corpus).get("/reports/xicheng-2024").text).words
    for unit in Places(corpus).units:
        assert words[unit.id] == unit.span.of(corpus.report.text).replace("\t", "")


def test_the_report_loses_no_text(client: Client, corpus: Corpus) -> None:
    page = client(corpus).get("/reports/xicheng-2024").text
    body = PageWords(page.replace('class="report-text"', 'id="whole"')).words["whole"]
    assert "".join(body.split()) == "".join(corpus.report.text.split())


def test_all_cells_of_a_table_stand_in_as_many_columns(client: Client, corpus: Corpus) -> None:
    table = client(corpus).get("/reports/xicheng-2024").text.split("<table>")[1].split("</table>")[0]
    rows = [row.count("<td") + row.count("<th") + row.count('colspan="2"') for row in table.split("<tr")[1:]]
    assert len(rows) == len(corpus.indicators) + 1
    assert set(rows) == {6}


def test_the_glossary_finds_by_name_alias_and_definition(client: Client, corpus: Corpus) -> None:
    term = next(term for term in corpus.terms if term.aliases)
    for words in (term.name, term.aliases[0], term.definition.of(corpus.report.text)[:15]):
        page = unescape(client(corpus).get("/glossary", params={"q": words}).text)
        shown = [entry for entry in page.split("<li")[1:] if not entry.startswith(" hidden")]
        assert any(f"/glossary/{term.number}" in entry for entry in shown)
        assert len(shown) < len(corpus.terms) / 2
    assert "没有找到" in client(corpus).get("/glossary", params={"q": "没有的词"}).text


def test_a_term_shows_its_definition_its_uses_and_its_neighbours(client: Client, corpus: Corpus) -> None:
    before, term, after = corpus.terms[1:4]
    page = unescape(client(corpus).get(f"/glossary/{term.number}").text)
    assert term.definition.of(corpus.report.text) in page
    assert page.count("<mark>") == len(term.uses) > 1
    for span in term.uses:
        assert Places(corpus).place(span).url in page
    assert f'rel="prev" href="/glossary/{before.number}"' in page
    assert f'rel="next" href="/glossary/{after.number}"' in page


def test_the_indicator_table_filters_by_dimension_and_attribute(client: Client, corpus: Corpus) -> None:
    chosen = corpus.indicators[6]
    filters = {"dimension": chosen.dimension, "attribute": chosen.attribute}
    words = PageWords(client(corpus).get("/indicators", params=filters).text).words
    for indicator in corpus.indicators:
        fits = (indicator.dimension, indicator.attribute) == (chosen.dimension, chosen.attribute)
        assert (indicator.id in words) is fits
    assert chosen.name in words[chosen.id]
    assert chosen.values[0].text in words[chosen.id]
    assert "没有符合条件的指标" in client(corpus).get("/indicators?dimension=没有").text


@pytest.mark.parametrize(
    "path", ["/glossary/9999", "/reports/none", "/glossary?report=none", "/indicators?report=none"]
)
def test_what_is_not_there_gets_a_chinese_page(client: Client, corpus: Corpus, path: str) -> None:
    response = client(corpus).get(path)
    assert response.status_code == 404
    assert "没能打开这一页" in response.text


def test_before_any_report_is_loaded_the_pages_say_so(client: Client) -> None:
    for path in ("/", "/glossary", "/glossary/1", "/indicators", "/reports", "/reports/any"):
        response = client().get(path)
        assert response.status_code == 503
        assert "报告还没有准备好" in response.text


def test_the_newest_report_is_the_default_and_the_others_can_be_chosen(
    client: Client, corpus: Corpus, older: Corpus
) -> None:
    pages = client(older, corpus)
    assert pages.get("/reports", follow_redirects=False).headers["location"] == "/reports/xicheng-2024"
    assert corpus.terms[0].name in unescape(pages.get("/glossary").text)
    assert 'href="/glossary?report=older"' in pages.get("/glossary").text
    assert "这份报告没有名词解释" in pages.get("/glossary?report=older").text
    assert "这份报告没有指标表" in pages.get("/indicators?report=older").text


def test_links_stay_in_the_report_that_was_chosen(client: Client, corpus: Corpus) -> None:
    newer = replace(corpus, report=replace(corpus.report, id="newer", year_planned=2099))
    page = client(corpus, newer).get("/glossary/2?report=xicheng-2024").text
    assert 'href="/glossary/3?report=xicheng-2024"' in page


def test_text_directives_are_escaped_and_left_out_where_they_would_mislead(corpus: Corpus) -> None:
    place = Places(corpus).place(corpus.passages[3].sentences[0].span)
    quote = "2023-2027年，A,B&C 的协议（修订）"
    assert place_href(place.model_copy(update={"quote": quote})) == (
        f"{place.url}:~:text=2023%2D2027%E5%B9%B4%EF%BC%8CA%2CB%26C%20"
        "%E7%9A%84%E5%8D%8F%E8%AE%AE%EF%BC%88%E4%BF%AE%E8%AE%A2%EF%BC%89"
    )
    for misleading in ("短", "一行\t里的\t几个\t单元格\t不在一块", "两行\n文字之间没有办法连着找到"):
        assert place_href(place.model_copy(update={"quote": misleading})) == place.url


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_choice_leads_back_to_this_site_only(client: Client, corpus: Corpus, back: str) -> None:
    response = client(corpus).post("/display", data={"layout": "elder", "back": back}, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "/"
    assert "layout=elder" in response.headers["set-cookie"]


def test_asking_searching_and_writing_count_against_the_limit_and_reading_does_not(
    corpus: Corpus, echo: EchoSite, store: Store
) -> None:
    async def refuse(_: Request) -> None:
        raise HTTPException(429)

    echo.corpora = {corpus.report.id: corpus}
    app = FastAPI()
    app.include_router(build_router(echo, store, refuse))
    pages = TestClient(app)
    for path in ("/", "/search", "/glossary", "/indicators.csv", "/widget.js"):
        assert pages.get(path).status_code == 200, path
    assert pages.post("/display", data={"layout": "elder"}, follow_redirects=False).status_code == 303
    assert pages.get("/search?q=养老").status_code == 429
    for path in ("/", "/answers/a/keep", "/answers/a/wrong"):
        assert pages.post(path, data={"question": "一"}).status_code == 429, path


def test_only_allowed_sites_may_read_answers(corpus: Corpus, echo: EchoSite, tmp_path: Path) -> None:
    echo.corpora = {corpus.report.id: corpus}
    settings = Settings(data_dir=tmp_path, rate_limit="off", widget_origins=("https://a.example",))
    pages = TestClient(create_app(cast(Any, echo), settings))
    allowed, other = (
        pages.post("/", data={"question": "一"}, headers={"origin": origin, "accept": "text/event-stream"})
        for origin in ("https://a.example", "https://b.example")
    )
    assert allowed.headers["access-control-allow-origin"] == "https://a.example"
    assert "access-control-allow-origin" not in other.headers


def test_files_of_the_table_follow_the_filters(client: Client, corpus: Corpus) -> None:
    pages, chosen = client(corpus), corpus.indicators[6]
    response = pages.get("/indicators.csv", params={"dimension": chosen.dimension})
    assert response.headers["content-disposition"].endswith("xicheng-2024-indicators.csv")
    fitting = [i for i in corpus.indicators if i.dimension == chosen.dimension]
    assert response.content.decode("utf-8-sig").count("/reports/xicheng-2024#") == len(fitting)
    assert pages.get("/indicators.xlsx").content[:2] == b"PK"
    assert pages.get("/indicators.exe").status_code == 404
    assert pages.get("/indicators.csv?report=none").status_code == 404


@pytest.mark.parametrize("path", ["/", "/glossary", "/glossary/1", "/indicators", "/search", "/display", "/quality"])
def test_the_english_interface_leaves_chinese_to_what_is_marked_as_such(
    client: Client, corpus: Corpus, path: str
) -> None:
    pages = client(corpus)
    pages.cookies.set("display", "language=en")
    response = pages.get(path)
    assert response.headers["content-language"] == "en"
    assert '<html lang="en"' in response.text
    assert _Chinese(response.text).unmarked == []


class _Chinese(HTMLParser):
    """Chinese words that stand in no element of that language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.unmarked: list[str] = []
        self._languages = [""]
        self.feed(html[html.index("<body") :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        language = dict(attrs).get("lang") or self._languages[-1]
        if tag not in {*VOID, "path", "circle"}:
            self._languages.append(language)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {*VOID, "path", "circle"}:
            self._languages.pop()

    def handle_data(self, data: str) -> None:
        if re.search("[\u4e00-\u9fff]", data) and not self._languages[-1].startswith("zh"):
            self.unmarked.append(data.strip())
