"""Templates → pages, in the reader's language and with the reader's display."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from server import page_views as views
from server.answer_views import plain_text, quotation, source_line
from server.display import Display
from server.places import section_name
from server.storage import WORDS_LIMIT

WEB = Path(__file__).parent / "web"

View = Mapping[str, object]


def render(request: Request, template: str, view: View, status: int = 200) -> HTMLResponse:
    """A whole page."""
    display = Display.of(request)
    url = request.url
    shared = {
        "display": display,
        "here": url.path,
        "back": url.path + (f"?{url.query}" if url.query else ""),
        "origin": origin(request),
    }
    return HTMLResponse(
        _templates(display.language).get_template(template).render({**shared, **view}),
        status,
        headers={"Vary": "Cookie", "Content-Language": LANGUAGES[display.language]},
    )


def render_part(request: Request, template: str, macro: str, *arguments: object) -> Markup:
    """What one macro of a template makes of `arguments`."""
    module = _templates(Display.of(request).language).get_template(template).module
    part: Markup = getattr(module, macro)(*arguments)
    return part


def origin(request: Request) -> str:
    """The server's address as the reader knows it."""
    return str(request.base_url).rstrip("/")


def translate(request: Request, words: str) -> str:
    """Words of the interface in the reader's language."""
    return _translator(Display.of(request).language)(words)


def error_page(request: Request, status: int, message: str) -> HTMLResponse:
    """A page that says in one sentence what went wrong."""
    return render(request, "error.html", {"message": message}, status)


LANGUAGES = {"zh": "zh-Hans", "en": "en"}


@cache
def english() -> Mapping[str, str]:
    """The interface's Chinese words → English."""
    words: dict[str, str] = json.loads((WEB / "english.json").read_text(encoding="utf-8"))
    return words


class _Translator:
    """`_()` of the templates: words with `{name}` filled in, in one language."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def __call__(self, words: str, **values: object) -> str:
        """The words in the reader's language; words nobody translated stay Chinese."""
        said = self._words.get(words, words)
        return said.format(**values) if values else said


@cache
def _translator(language: str) -> _Translator:
    return _Translator(english() if language == "en" else {})


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        place_href=views.place_href,
        plain_text=plain_text,
        quotation=quotation,
        section_name=section_name,
    )
    environment.globals.update(
        _=_translator(language),
        lang=LANGUAGES[language],
        language=language,
        source_line=source_line,
        count_of=views.count_of,
        words_limit=WORDS_LIMIT,
    )
    return environment
