"""A store of each kind behind real HTTP. The S3 server starts once, when the first test wants it."""

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application

from fabwright.server.files import BlobStore, store
from tests.server.files.s3_server import ACCESS_KEY, SECRET_KEY, S3Server, s3_server


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def web() -> Iterator[str]:
    """The service itself over HTTP, without a database; its address."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def folder_store(settings, tmp_path, web: str) -> BlobStore:
    settings.BLOBS = str(tmp_path / "blobs")
    settings.BASE_URL = web
    return store()


@pytest.fixture
def s3_store(settings, monkeypatch: pytest.MonkeyPatch, s3: S3Server) -> BlobStore:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    settings.BLOBS = s3.address
    return store()


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest) -> BlobStore:
    """Each store in turn, as the settings name it."""
    return request.getfixturevalue(f"{request.param}_store")


@pytest.fixture
def company() -> str:
    """A company that no other test has."""
    return str(uuid4())
