"""Who may enter `/admin`: a token opens a signed, short-lived session."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request

COOKIE = "planqa_admin"
SECONDS = 8 * 60 * 60
NAME_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who entered; `form_key` must come back with every form."""

    name: str
    form_key: str


class Sessions:
    """Opens sessions for the token's holders. Nothing is kept: a session is signed with a key made of the token."""

    def __init__(self, token: str, clock: Callable[[], float] = time.time) -> None:
        self._token = token.encode()
        self._key = sha256(b"planqa admin session" + self._token).digest()
        self._clock = clock

    @property
    def are_possible(self) -> bool:
        """Whether there is a token at all."""
        return bool(self._token)

    def is_token(self, given: str) -> bool:
        """Whether this is the token, told in the same time for every guess."""
        return self.are_possible and hmac.compare_digest(sha256(given.encode()).digest(), sha256(self._token).digest())

    def open(self, name: str) -> str:
        """The cookie of a new session of `name`."""
        said = json.dumps([name[:NAME_LIMIT], int(self._clock()) + SECONDS]).encode()
        body = urlsafe_b64encode(said).decode()
        return f"{body}.{self._sign(body)}"

    def read(self, cookie: str) -> Session | None:
        """The session of a cookie, None where it is forged or over."""
        body, _, signature = cookie.rpartition(".")
        if not self.are_possible or not body or not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return None
        name, until = json.loads(urlsafe_b64decode(body))
        return Session(str(name), self._sign("form " + body)) if self._clock() < until else None

    def of(self, request: Request) -> Session | None:
        """The session of a request, by its cookie, or by the token in its Authorization header as programs send it.

        Such a request comes from no browser's form, and needs no form key.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(token.strip()):
            return Session("token", "")
        return self.read(request.cookies.get(COOKIE, ""))

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), sha256).hexdigest()
