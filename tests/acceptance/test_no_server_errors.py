"""Schemathesis reads the OpenAPI document and calls everything in it: nothing may end in a server error."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.running_service import RunningService

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("service"), pytest.mark.timeout(900)]


@pytest.mark.parametrize("side", ["/api/v2/", "/api/"])
def test_no_call_that_the_document_allows_ends_in_a_server_error(
    service: RunningService, tmp_path: Path, side: str
) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    pattern = "^/api/v2/" if side == "/api/v2/" else "^/api/(?!v2/|schema|docs)"
    result = subprocess.run(
        [
            str(program), "run", f"{service.url}/api/schema/?format=json",
            "--header", f"Authorization: Token {service.token('fuzz', 'Fuzz Works')}",
            "--include-path-regex", pattern,
            "--checks", "not_a_server_error,content_type_conformance",
            "--phases", "examples,fuzzing",
            "--max-examples", "8", "--seed", "1", "--request-timeout", "30",
            "--generation-deterministic", "--suppress-health-check", "all",
        ],
        capture_output=True, text=True, cwd=tmp_path, timeout=850,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
