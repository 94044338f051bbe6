"""How a reader wants the pages shown: kept in one cookie, so that it holds before and without any script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

COOKIE = "display"
YEAR_SECONDS = 365 * 24 * 3600

CHOICES: Mapping[str, tuple[str, ...]] = {
    "layout": ("standard", "elder"),
    "size": ("normal", "large", "larger", "largest"),
    "theme": ("auto", "light", "dark"),
    "contrast": ("auto", "high"),
    "language": ("zh", "en"),
}
"""What can be chosen; the first is the default."""


@dataclass(frozen=True, slots=True)
class Display:
    """One reader's choices."""

    layout: str = "standard"
    size: str = "normal"
    theme: str = "auto"
    contrast: str = "auto"
    language: str = "zh"

    @classmethod
    def of(cls, request: Request) -> Display:
        """The choices in the request's cookie; what is missing or unknown there is the default."""
        return cls().changed(dict(parse_qsl(request.cookies.get(COOKIE, ""))))

    def changed(self, choices: Mapping[str, object]) -> Display:
        """With those of `choices` that exist."""
        known = {name: str(value) for name, value in choices.items() if value in CHOICES.get(name, ())}
        return replace(self, **known)

    def cookie(self) -> str:
        """The choices that are not the default, as the cookie's value."""
        defaults = Display()
        chosen = {f.name: getattr(self, f.name) for f in fields(self)}
        return urlencode({name: value for name, value in chosen.items() if value != getattr(defaults, name)})

    def neighbour(self, step: int) -> str:
        """The text size `step` steps larger, or the last one there is."""
        sizes = CHOICES["size"]
        return sizes[min(max(sizes.index(self.size) + step, 0), len(sizes) - 1)]

    def attributes(self) -> dict[str, str]:
        """What style sheets look at: `data-…` of the page's root."""
        return {f"data-{name}": value for name, value in asdict(self).items() if name != "language"}


async def choose(request: Request) -> Response:
    """Take a posted choice over and go back to the page it was made on."""
    async with request.form() as form:
        display = Display.of(request).changed({name: form.get(name) for name in CHOICES})
        back = form.get("back", "/")
    response = RedirectResponse(_local(back if isinstance(back, str) else "/"), 303)
    response.set_cookie(COOKIE, display.cookie(), max_age=YEAR_SECONDS, samesite="lax", httponly=True)
    return response


def _local(address: str) -> str:
    """The path and query of an address on this server, / for any other."""
    url = URL(address) if address.startswith("/") and not address.startswith(("//", "/\\")) else URL("/")
    return url.path + (f"?{url.query}" if url.query else "")
