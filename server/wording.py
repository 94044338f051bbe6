"""How the pages word the questions they offer."""

from __future__ import annotations


def meaning(name: str) -> str:
    """The question for a term."""
    return f"{name}是什么意思？"


def plan(name: str, year: int | None) -> str:
    """The question for an indicator's planned value."""
    return f"{year or ''}{'年' if year else ''}{name}的计划是多少？"


def work(title: str, is_done: bool) -> str:
    """The question for a paragraph of work done or planned."""
    return f"{title}做了哪些工作？" if is_done else f"{title}有哪些安排？"
