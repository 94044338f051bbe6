"""What `deploy/` holds is accepted by the programs it is for."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[1] / "deploy"


@pytest.mark.parametrize("name", ["nginx.conf", "nginx-many.conf"])
def test_nginx_accepts_the_site(name: str, tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    openssl = shutil.which("openssl")
    if not nginx or not openssl:
        pytest.skip("needs nginx and openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=planqa.example", "-days", "1"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    (tmp_path / "servers.conf").write_text("server 127.0.0.1:8000;\n", encoding="ascii")
    site = (DEPLOY / name).read_text(encoding="utf-8")
    site = site.replace("/etc/ssl/private/planqa.key", str(key)).replace("/etc/ssl/planqa.pem", str(certificate))
    site = site.replace("/etc/nginx/planqa-servers.conf", str(tmp_path / "servers.conf"))
    temporary = "".join(
        f"{kind}_temp_path {tmp_path};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {temporary} {site} }}"
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    command = [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_composing_needs_no_variable_of_a_service_that_is_not_started() -> None:
    # Compose reads the whole file before it chooses services.
    assert not re.findall(r"\$\{\w+:?\?", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("needs systemd-analyze")
    unit = (DEPLOY / "planqa.service").read_text(encoding="utf-8")
    assert "/opt/planqa/.venv/bin/planqa serve" in unit
    path = tmp_path / "planqa.service"
    path.write_text(unit.replace("/opt/planqa/.venv/bin/planqa", "/bin/true"), encoding="utf-8")
    done = subprocess.run([analyze, "verify", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
