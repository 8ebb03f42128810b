"""A backup taken beside the running service gives the same installation in another folder."""

import subprocess
from pathlib import Path

import httpx
import pytest

from tests.running_service import FABWRIGHT, RunningService, environment, started
from tests.small_factory import small_factory

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("service")]


def run(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FABWRIGHT, *arguments], env=environment(data), capture_output=True, text=True, check=False, timeout=120
    )


def test_what_was_backed_up_is_there_again(service: RunningService, tmp_path: Path) -> None:
    with service.client("keeper", "Backup Works") as client:
        factory = small_factory(client, name="Kept house")
        report = factory.ready(factory.launch("plates_ardis", "kept"))
    token = service.token("keeper", "Backup Works")
    saved = run("backup", str(tmp_path / "all.tar"), data=service.data)
    assert saved.returncode == 0, saved.stderr
    restored = run("restore", str(tmp_path / "all.tar"), data=tmp_path / "again")
    assert restored.returncode == 0, restored.stderr
    with started(tmp_path / "again") as again:
        headers = {"Authorization": f"Token {token}"}
        found = httpx.get(f"{again.url}/api/v2/reports/{report['uuid']}/", headers=headers).json()
        assert found["last_file"]["hash"] == report["last_file"]["hash"]
        assert httpx.get(found["last_file"]["presigned_url"]).status_code == 200


def test_a_folder_with_an_installation_is_left_alone(service: RunningService, tmp_path: Path) -> None:
    assert run("backup", str(tmp_path / "all.tar"), data=service.data).returncode == 0
    refused = run("restore", str(tmp_path / "all.tar"), data=service.data)
    assert refused.returncode == 2
    assert "holds an installation already" in refused.stderr


@pytest.mark.parametrize("content", [b"", b"no tar at all", b"\0" * 10240])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "wrong.tar").write_bytes(content)
    refused = run("restore", str(tmp_path / "wrong.tar"), data=tmp_path / "new")
    assert refused.returncode == 2
    assert "is no backup" in refused.stderr
