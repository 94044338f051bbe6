"""The server's settings: environment variables with the prefix PLANQA_, or the same in `.env`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from dotenv import dotenv_values
from limits import RateLimitItem, parse
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from index.embedder import EMBEDDED_MODEL

PREFIX = "PLANQA_"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)


class SettingsError(ValueError):
    """A setting is unknown or unusable; the message names it."""


def _shipped_reports() -> Path:
    return Path(str(files("ingest").joinpath("reports")))


class Settings(BaseModel):
    """Every setting with its default; the field's description is its documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reports_dir: Path = Field(default_factory=_shipped_reports, description="folder with the report files")
    data_dir: Path = Field(default=Path("data"), description="folder for snapshots and the embedding cache")
    embedding_model: str = Field(
        default=EMBEDDED_MODEL,
        min_length=1,
        description="sentence-transformers model: a name, a path, or the embedded one",
    )
    rate_limit: str = Field(default="60/minute", description="questions a client may ask, such as 60/minute, or off")

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
        raise SettingsError(f"{name}: '{first['input']}' is not usable: {reason}") from error


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
