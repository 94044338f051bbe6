"""Prompts: templates whose blocks `system` and `user` are the two messages; a missing variable is an error."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from jinja2 import DictLoader, Environment, StrictUndefined

_FENCE = str.maketrans("<>", "＜＞")


class Prompt(NamedTuple):
    """The two messages that a model is sent."""

    system: str
    user: str


def render(name: str, **variables: object) -> Prompt:
    """The prompt of `name`.j2.

    :raises jinja2.UndefinedError: a variable that the template needs is not given.
    :raises jinja2.TemplateNotFound: there is no such prompt.
    """
    template = _environment().get_template(f"{name}.j2")
    context = template.new_context(variables)
    system, user = ("".join(template.blocks[block](context)).strip() for block in ("system", "user"))
    return Prompt(system, user)


def fenced(text: str) -> str:
    """Text of a report or of an asker that cannot close the fence it is put in, nor hide characters."""
    shown = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    return shown.translate(_FENCE)


@cache
def _environment() -> Environment:
    sources = {
        path.name: path.read_text(encoding="utf-8") for path in files("prompts").iterdir() if path.name.endswith(".j2")
    }
    environment = Environment(
        loader=DictLoader(sources), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters["fenced"] = fenced
    return environment
