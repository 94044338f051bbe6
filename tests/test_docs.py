"""The README says what there is, and what it and the other documents link to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import planqa
from server.settings import PREFIX, Settings

ROOT = Path(planqa.__file__).parent
README = ROOT / "README.md"
ADDRESSES = (
    "/api/chat", "/glossary", "/indicators", "/search", "/reports", "/answers/{id}", "/display", "/quality",
    "/accessibility", "/widget.js", "/healthz", "/readyz", "/v1/chat/completions", "/v1/models", "/mcp",
)  # fmt: skip
DOCUMENTS = sorted([README, ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text(encoding="utf-8")


def test_the_readme_names_every_make_target(readme: str) -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"serve", "test", "check"} <= set(targets)
    assert [target for target in targets if not re.search(rf"\bmake {target}\b", readme)] == []


def test_the_readme_names_every_command(readme: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        planqa.main(["--help"])
    commands = re.findall(r"^    (\w+)\s+\S", capsys.readouterr().out, re.MULTILINE)
    assert {"ingest", "ask", "serve"} <= set(commands)
    assert [command for command in commands if not re.search(rf"\bplanqa {command}\b", readme)] == []


def test_the_readme_names_every_setting_and_no_other(readme: str) -> None:
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    assert settings - set(re.findall(r"PLANQA_[A-Z_]+", readme)) == set()
    assert set(re.findall(r"PLANQA_[A-Z_]*[A-Z]", readme)) - settings == set()


def test_the_readme_names_every_page_and_endpoint(readme: str) -> None:
    assert [address for address in ADDRESSES if address not in readme] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    files = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:|#|/", link)]
    assert [file for file in files if not (document.parent / file).exists()] == []


def test_every_decision_record_has_a_title_and_a_number_of_its_own() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [record.name[:4] for record in records]
    assert all(number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(numbers) > 0
    assert all(record.read_text(encoding="utf-8").startswith("# ") for record in records)


def test_the_changelog_says_what_is_new() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[?(?:Unreleased|\d+\.\d+\.\d+)", changelog, re.MULTILINE)
