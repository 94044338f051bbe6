"""Settings: every one is checked, an unknown one is named, the environment wins over `.env`."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.embedder import EMBEDDED_MODEL
from server.settings import PREFIX, Settings, SettingsError, read_settings

NOTHING = {"HOME": "/root"}


def test_without_anything_set_the_defaults_serve_the_shipped_report(report_path: Path) -> None:
    settings = read_settings(NOTHING)
    assert settings == Settings()
    assert settings.reports_dir == report_path.parent
    assert settings.embedding_model == EMBEDDED_MODEL
    assert settings.rate is not None
    assert settings.rate.amount == 60


def test_a_setting_is_read_from_the_environment_and_others_are_left_alone(tmp_path: Path) -> None:
    settings = read_settings({"PLANQA_DATA_DIR": str(tmp_path), "PLANQA_RATE_LIMIT": "2/minute", "PATH": "/bin"})
    assert settings.data_dir == tmp_path
    assert settings.rate is not None
    assert (settings.rate.amount, settings.rate.get_expiry()) == (2, 60)


def test_an_empty_setting_counts_as_not_set() -> None:
    assert read_settings({**NOTHING, "PLANQA_RATE_LIMIT": ""}) == Settings()


def test_off_means_no_rate_limit() -> None:
    assert read_settings({"PLANQA_RATE_LIMIT": "off"}).rate is None


@pytest.mark.parametrize("name", ["PLANQA_DATADIR", "PLANQA_NONSENSE", "PLANQA_", "PLANQA_RATE"])
def test_an_unknown_setting_is_named_beside_those_that_are_known(name: str) -> None:
    with pytest.raises(SettingsError) as stopped:
        read_settings({name: "1"})
    assert str(stopped.value).startswith(f"unknown setting {name};")
    for known in Settings.model_fields:
        assert PREFIX + known.upper() in str(stopped.value)


@pytest.mark.parametrize("rate", ["often", "2", "2/fortnight", "-1/minute", "2 minutes", "/", "on"])
def test_a_rate_that_is_none_is_named_with_its_setting(rate: str) -> None:
    with pytest.raises(SettingsError, match=f"PLANQA_RATE_LIMIT.*{rate}"):
        read_settings({"PLANQA_RATE_LIMIT": rate})


@pytest.mark.parametrize("rate", ["0/minute", "0/hour"])
def test_a_rate_of_nothing_is_refused(rate: str) -> None:
    with pytest.raises(SettingsError, match="PLANQA_RATE_LIMIT"):
        read_settings({"PLANQA_RATE_LIMIT": rate})


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    for place in ("taken", "taken/deeper"):
        with pytest.raises(SettingsError, match=r"PLANQA_DATA_DIR.*taken"):
            read_settings({"PLANQA_DATA_DIR": str(tmp_path / place)})


def test_the_env_file_is_read_and_the_environment_wins_over_it(tmp_path: Path) -> None:
    env = tmp_path / "settings.env"
    env.write_text("# 注释\nPLANQA_RATE_LIMIT=off\nPLANQA_DATA_DIR=数据\nOTHER=1\n", encoding="utf-8")
    settings = read_settings({"PLANQA_DATA_DIR": "elsewhere"}, env)
    assert settings.rate is None
    assert settings.data_dir == Path("elsewhere")
    assert read_settings(NOTHING, env).data_dir == Path("数据")


def test_an_unknown_setting_in_the_env_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PLANQA_LLMMODEL=x\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="PLANQA_LLMMODEL"):
        read_settings(NOTHING)


def test_an_env_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PLANQA_DATA_DIR=\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"\.env.*UTF-8"):
        read_settings(NOTHING)


def test_an_empty_environment_is_empty_and_not_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANQA_RATE_LIMIT", "off")
    assert read_settings({}).rate_limit == Settings().rate_limit


def test_a_complaint_shows_no_other_settings_value() -> None:
    with pytest.raises(SettingsError) as stopped:
        read_settings({"PLANQA_RATE_LIMIT": "often", "PLANQA_EMBEDDING_MODEL": "secret-model", "TOKEN": "secret"})
    assert "secret" not in str(stopped.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_TOKEN", "too-short-token"),
        ("DATABASE_URL", "mysql://planqa:geheim-wort@host/x"),
        ("DATABASE_URL", "geheim-wort"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "for ever"),
        ("TRUSTED_PROXIES", "everyone"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
    ],
)
def test_an_unusable_setting_is_named_and_a_secret_one_is_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"PLANQA_{name}") as stopped:
        read_settings({f"PLANQA_{name}": value})
    assert "geheim-wort" not in str(stopped.value)
    assert "too-short-token" not in str(stopped.value)
    assert stopped.value.__cause__ is None


def test_the_database_is_in_the_data_folder_unless_named() -> None:
    assert read_settings({"PLANQA_DATA_DIR": "/x"}).database == "sqlite:////x/planqa.sqlite"
    assert read_settings({"PLANQA_DATABASE_URL": "postgres://h/db"}).database == "postgresql://h/db"


def test_networks_of_proxies_are_read_and_secrets_are_known_as_such() -> None:
    token = "0123456789abcdef01234567"
    settings = read_settings(
        {
            "PLANQA_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8, fd00::/8",
            "PLANQA_ADMIN_TOKEN": token,
            "PLANQA_DATABASE_URL": "postgresql://planqa:geheim@h/db",
        }
    )
    assert [str(network) for network in settings.proxies] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]
    assert set(settings.secrets) == {token, "geheim"}
    assert token not in repr(settings)
    assert "geheim" not in repr(settings)


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_language_model_is_set_by_its_server_and_its_name_together() -> None:
    both = {"PLANQA_LLM_BASE_URL": "http://127.0.0.1:8080/v1", "PLANQA_LLM_MODEL": "m"}
    assert read_settings(both).llm_model == "m"
    for name, lacking in (("PLANQA_LLM_BASE_URL", "PLANQA_LLM_MODEL"), ("PLANQA_LLM_MODEL", "PLANQA_LLM_BASE_URL")):
        with pytest.raises(SettingsError, match=f"{name} is set and {lacking} is not"):
            read_settings({name: both[name]})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANQA_LLM_BASE_URL", "ftp://x"),
        ("PLANQA_LLM_BASE_URL", "localhost:8080"),
        ("PLANQA_LLM_TIMEOUT", "0"),
        ("PLANQA_LLM_TIMEOUT", "soon"),
        ("PLANQA_LLM_CONTEXT_TOKENS", "10"),
    ],
)
def test_an_unusable_setting_of_the_language_model_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_the_key_is_not_shown_where_settings_are() -> None:
    assert "secret" not in repr(read_settings({"PLANQA_LLM_API_KEY": "secret"}))


def test_sites_that_may_show_the_chat_are_origins() -> None:
    read = read_settings({"PLANQA_WIDGET_ORIGINS": " https://www.a.example/ ,http://b.example:8080,"}, Path("none"))
    assert read.widget_origins == ("https://www.a.example", "http://b.example:8080")
    for wrong in ("*", "a.example", "https://a.example/path", "null"):
        with pytest.raises(SettingsError, match=r"PLANQA_WIDGET_ORIGINS.*is no origin"):
            read_settings({"PLANQA_WIDGET_ORIGINS": wrong}, Path("none"))
