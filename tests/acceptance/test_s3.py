"""The whole service with its blobs in an S3 bucket: a real server that checks signatures."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest

from tests.running_service import started
from tests.server.files.s3_server import ACCESS_KEY, SECRET_KEY, s3_server
from tests.small_factory import small_factory

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_from_an_import_to_a_downloaded_report_with_all_blobs_in_a_bucket(tmp_path: Path) -> None:
    bucket, data = tmp_path / "bucket", tmp_path / "data"
    bucket.mkdir()
    data.mkdir()
    keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    with (
        s3_server(bucket) as s3,
        started(data, workers=1, FABWRIGHT_BLOBS=s3.address, **keys) as service,
        service.client() as client,
    ):
        assert client.get("/healthz").json()["blobs"] == "ok"
        factory = small_factory(client)
        report = factory.ready(factory.launch("plates_ardis", "Plates"), within_s=120)
        last = report["last_file"]
        address = last["presigned_url"]
        assert address.startswith(s3.endpoint)

        answer = httpx.get(address, timeout=60)
        assert answer.status_code == 200, answer.text
        assert hashlib.sha256(answer.content).hexdigest() == last["hash"]

        parts = urlsplit(address)
        changed = urlunsplit(parts._replace(path=parts.path[:-1] + ("0" if parts.path[-1] != "0" else "1")))
        assert httpx.get(changed, timeout=60).status_code == 403

        files = client.get(f"/api/v2/constructibles/assembly_designs/{factory.designs[0]}/files/").json()
        assert files
        for file in files:
            content = httpx.get(file["presigned_url"], timeout=60).content
            assert hashlib.sha256(content).hexdigest() == file["hash"]
    assert not [path for path in data.rglob("blobs/**/*") if path.is_file()]
