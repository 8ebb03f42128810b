"""The service as its users meet it: start, health, pages, tokens, clean stop."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.running_service import FABWRIGHT, RunningService, environment, started, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("service")]


def test_health_names_every_part(service: RunningService) -> None:
    answer = httpx.get(f"{service.url}/healthz")
    assert answer.status_code == 200
    assert answer.json() | {"version": ""} == {
        "status": "ok",
        "version": "",
        "database": "ok",
        "blobs": "ok",
        "workers": "ok",
    }


def test_the_front_door_leads_on(service: RunningService) -> None:
    page = httpx.get(service.url).text
    for address in ("/api/docs/", "/api/schema/", "/admin/", "/healthz"):
        assert f'href="{address}"' in page
        assert httpx.get(service.url + address, follow_redirects=True, timeout=60).status_code == 200


def test_the_documentation_page_needs_nothing_from_elsewhere(service: RunningService) -> None:
    page = httpx.get(f"{service.url}/api/docs/").text
    assert "https://" not in page.replace("https://github.com", "")
    script = page.split('src="')[1].split('"')[0]
    assert httpx.get(service.url + script).status_code == 200


def test_a_token_made_beside_the_running_service_opens_it(service: RunningService) -> None:
    with service.client("maria", "House Works") as client:
        assert client.get("/api/v2/company/projects/").status_code == 200
    assert httpx.get(f"{service.url}/api/v2/company/projects/").status_code == 401


def test_a_path_without_its_slash_is_no_redirect(service: RunningService) -> None:
    with service.client() as client:
        assert client.post("/api/v2/company/projects", json={"name": "x"}).status_code == 404


def test_a_two_gigabyte_upload_is_refused_before_it_is_read(service: RunningService) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    head = (
        "POST /api/v2/company/projects/ HTTP/1.1\r\n"
        f"Host: {host}\r\nAuthorization: Token {service.token()}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2147483648\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode() + b"--x\r\n")
        answer = connection.recv(4096).decode()
    assert " 413 " in answer.splitlines()[0]
    assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_a_web_server_that_dies_is_started_again(service: RunningService) -> None:
    (first,) = service.pids("web")
    below = psutil.Process(first).children(recursive=True)
    psutil.Process(first).kill()
    wait_until(lambda: service.pids("web") not in ([], [first]))
    wait_until(lambda: _answers(service.url))
    _, left_over = psutil.wait_procs(below, timeout=15)
    assert left_over == []


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_stop_ends_everything_within_ten_seconds(tmp_path: Path) -> None:
    with started(tmp_path / "data") as service:
        family = psutil.Process(service.process.pid).children(recursive=True)
        before = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - before < 10
    _, alive = psutil.wait_procs(family, timeout=1)
    assert alive == []
    assert not (tmp_path / "data" / "database" / "postmaster.pid").exists()


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    with started(tmp_path / "data") as service:
        family = psutil.Process(service.process.pid).children(recursive=True)
        os.kill(service.process.pid, signal.SIGKILL)
        service.process.wait()
        _, alive = psutil.wait_procs(family, timeout=15)
        assert alive == []
    with started(tmp_path / "data") as again:
        assert httpx.get(f"{again.url}/healthz").status_code == 200


@pytest.mark.parametrize(
    ("variable", "value"),
    [("FABWRIGHT_SIGNED_URL_S", "soon"), ("DATABASE_URL", "sqlite:///x"), ("FABWRIGHT_BLOBS", "ftp://x")],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(tmp_path: Path, variable: str, value: str) -> None:
    result = subprocess.run(
        [*FABWRIGHT, "up", "--port", "0"],
        env=environment(tmp_path, **{variable: value}), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"fabwright: {variable}: ")
    assert len(result.stderr.splitlines()) == 1


def test_a_port_in_use_is_said(tmp_path: Path, service: RunningService) -> None:
    port = service.url.rpartition(":")[2]
    result = subprocess.run(
        [*FABWRIGHT, "up", "--port", port], env=environment(tmp_path), capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 2
    assert "cannot listen" in result.stderr


def test_programs_that_meet_a_new_database_at_once_bring_it_up_to_date_once(tmp_path: Path) -> None:
    env = environment(tmp_path / "data")
    making = [
        subprocess.Popen(
            [*FABWRIGHT, "token", "create", "--user", f"user{number}", "--company", "House Works"],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(3)
    ]  # fmt: skip
    for process in making:
        token, errors = process.communicate(timeout=180)
        assert process.returncode == 0, errors
        assert len(token.strip()) == 64
