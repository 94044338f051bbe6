"""The server's settings: environment variables with the prefix PLANQA_, or the same in `.env`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from index.models import EMBEDDED_MODEL

if TYPE_CHECKING:
    from limits import RateLimitItem

PREFIX = "PLANQA_"
TOKEN_LENGTH = 24
"""Characters an admin token has at least."""
_SECRET = tuple(f"{PREFIX}{name}" for name in ("ADMIN_TOKEN", "DATABASE_URL", "LLM_API_KEY", "VECTOR_STORE"))
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)


class SettingsError(ValueError):
    """A setting is unknown or unusable; the message names it."""


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def _shipped_reports() -> Path:
    return Path(str(files("ingest").joinpath("reports")))


class Settings(BaseModel):
    """Every setting with its default; the field's description is its documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reports_dir: Path = Field(default_factory=_shipped_reports, description="folder with the report files")
    place: str = Field(
        default="",
        max_length=40,
        description="place whose newest report is asked where a question names none; by default that of most reports",
    )
    data_dir: Path = Field(default=Path("data"), description="folder for snapshots and the embedding cache")
    embedding_model: str = Field(
        default=EMBEDDED_MODEL,
        min_length=1,
        description="sentence-transformers model: a name, a path, or the embedded one",
    )
    vector_store: str = Field(
        default="",
        pattern=r"^((milvus|milvus\+tls)://[^\s/]+(/\w+)?|file:///\S+\.db)?$",
        repr=False,
        description="Milvus that is searched instead of the snapshot's own files: milvus://host:19530 or file:///path/name.db",
    )
    rate_limit: str = Field(default="60/minute", description="questions a client may ask, such as 60/minute, or off")

    database_url: str = Field(
        default="", repr=False, description="sqlite:///path or postgresql://…; by default SQLite in the data folder"
    )
    retention_days: int = Field(default=180, ge=1, le=3650, description="days that questions and answers are kept")
    trusted_proxies: str = Field(
        default="", description="addresses or networks whose X-Forwarded-For is believed, parted by commas"
    )
    admin_token: SecretStr = Field(
        default=SecretStr(""), description="opens /admin, which does not exist without one; at least 24 characters"
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        _networks(value)
        return value

    @field_validator("admin_token")
    @classmethod
    def _is_hard_to_guess(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < TOKEN_LENGTH:
            raise ValueError(f"a token has at least {TOKEN_LENGTH} characters, such as `openssl rand -hex 24` prints")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str) -> str:
        if value and not re.match(r"(?:sqlite|postgresql|postgres)(?:\+\w+)?://", value):
            raise ValueError("an address begins with sqlite:/// or postgresql://")
        return re.sub(r"^postgres://", "postgresql://", value)

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of trusted proxies."""
        return _networks(self.trusted_proxies)

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.data_dir / 'planqa.sqlite'}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen in a log or an error."""
        addresses = (self.database_url, self.vector_store)
        passwords = [found[1] for url in addresses if (found := re.search(r"://[^/@:]*:([^@]+)@", url))]
        known = (self.admin_token.get_secret_value(), *passwords, self.llm_api_key)
        return tuple(secret for secret in known if secret)

    llm_base_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#]+[^\s?#]*)?$",
        description="an OpenAI-compatible server whose model writes the answers, such as http://127.0.0.1:8080/v1; none without it",
    )
    llm_model: str = Field(default="", description="the model's name on that server")
    llm_api_key: str = Field(default="", repr=False, description="the server's key, where it wants one")
    llm_timeout: float = Field(
        default=20, ge=1, le=600, description="seconds that an asker waits for the model at most"
    )
    llm_context_tokens: int = Field(
        default=1500, ge=200, le=100_000, description="tokens of evidence that the model is given"
    )

    widget_origins: tuple[str, ...] = Field(
        default=(),
        description="sites whose pages may show the chat by /widget.js, such as https://www.example.gov.cn, comma-separated",
    )

    @field_validator("widget_origins", mode="before")
    @classmethod
    def _are_origins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        origins = tuple(origin.strip().rstrip("/") for origin in value.split(",") if origin.strip())
        wrong = next((origin for origin in origins if not _ORIGIN.fullmatch(origin)), None)
        if wrong is not None:
            raise ValueError(f"'{wrong}' is no origin such as https://www.example.gov.cn")
        return origins

    @field_validator("rate_limit")
    @classmethod
    def _is_rate(cls, value: str) -> str:
        from limits import parse

        if value != "off" and parse(value).amount < 1:
            raise ValueError("at least 1 question, or off")
        return value

    @field_validator("data_dir")
    @classmethod
    def _is_no_file(cls, value: Path) -> Path:
        there = next((path for path in (value, *value.parents) if path.exists()), None)
        if there is not None and not there.is_dir():
            raise ValueError(f"'{there}' is a file, not a folder")
        return value

    @model_validator(mode="after")
    def _names_server_and_model(self) -> Settings:
        for given, lacking in (("llm_base_url", "llm_model"), ("llm_model", "llm_base_url")):
            if getattr(self, given) and not getattr(self, lacking):
                raise ValueError(
                    f"{PREFIX}{given.upper()} is set and {PREFIX}{lacking.upper()} is not; set both or neither"
                )
        return self

    @property
    def rate(self) -> RateLimitItem | None:
        """The rate limit, None where it is off."""
        from limits import parse

        return None if self.rate_limit == "off" else parse(self.rate_limit)


def read_settings(environment: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """Settings from the environment over those of `env_file`.

    :raises SettingsError: a PLANQA_ variable that is unknown or has an unusable value, or a file that is no text.
    """
    given = {**_with_prefix(_read(env_file)), **_with_prefix(os.environ if environment is None else environment)}
    unknown = sorted(set(given) - set(Settings.model_fields))
    if unknown:
        known = ", ".join(PREFIX + name.upper() for name in Settings.model_fields)
        raise SettingsError(f"unknown setting {PREFIX}{unknown[0].upper()}; known: {known}")
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            raise SettingsError(first["msg"].removeprefix("Value error, ")) from error
        name = PREFIX + str(first["loc"][0]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        given_value = "its value" if name in _SECRET else f"'{first['input']}'"
        raise SettingsError(f"{name}: {given_value} is not usable: {reason}") from None


def _read(env_file: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(env_file)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{env_file} cannot be read ({error}); save it as UTF-8 text") from error


def _with_prefix(variables: Mapping[str, str | None]) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in variables.items()
        if name.startswith(PREFIX) and value
    }
