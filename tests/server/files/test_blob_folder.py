"""What only a folder has to prove: crashes, other tools, other writers, and the answers of its own address."""

import io
import os
import subprocess
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fabwright.errors import ConfigurationError, InputError
from fabwright.server.files import BlobExists, BlobKeyError, BlobMissing, BlobUnavailable, check_key, store
from fabwright.server.files.folder import FolderStore


@pytest.fixture
def root(settings) -> Path:
    return Path(settings.BLOBS)


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_file_is_there_as_plain_bytes(folder_store: FolderStore, root: Path, company: str) -> None:
    folder_store.put(f"{company}/p/a.txt", b"hello")
    assert (root / company / "p" / "a.txt").read_bytes() == b"hello"


def test_the_etag_is_the_sha256(folder_store: FolderStore, company: str) -> None:
    assert folder_store.put(f"{company}/a", b"hello").etag == sha256(b"hello").hexdigest()


def test_a_failed_upload_leaves_nothing(folder_store: FolderStore, root: Path, company: str) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise ConnectionResetError("the client went away")
            return super().read(1)

    folder_store.put(f"{company}/a", b"old")
    before = _files(root)
    with pytest.raises((BlobUnavailable, ConnectionResetError)):
        folder_store.put(f"{company}/a", Broken(b"half of it"))
    assert _files(root) == before
    assert folder_store.read(f"{company}/a") == b"old"


def test_overwriting_and_deleting_leave_nothing_behind(folder_store: FolderStore, root: Path, company: str) -> None:
    for number in range(5):
        folder_store.put(f"{company}/p/a", str(number).encode())
    with pytest.raises(BlobExists):
        folder_store.put(f"{company}/p/a", b"x", create=True)
    assert len(_files(root)) == 2
    folder_store.delete(f"{company}/p/a")
    assert _files(root) == []
    assert not (root / company).exists()


def test_files_restored_by_other_tools_are_described_again(folder_store: FolderStore, root: Path, company: str) -> None:
    stat = folder_store.put(f"{company}/a.pdf", b"hello", content_type="application/pdf")
    os.utime(root / company / "a.pdf", (1_700_000_000, 1_700_000_000))
    again = folder_store.stat(f"{company}/a.pdf")
    assert (again.etag, again.content_type) == (stat.etag, "application/pdf")
    (root / company / "a.pdf").write_bytes(b"changed by hand")
    assert folder_store.stat(f"{company}/a.pdf").etag == sha256(b"changed by hand").hexdigest()
    (root / company / "b.png").write_bytes(b"put by hand")
    assert folder_store.stat(f"{company}/b.png").content_type == "image/png"


def test_a_description_cut_off_by_a_crash_is_made_again(folder_store: FolderStore, root: Path, company: str) -> None:
    stat = folder_store.put(f"{company}/a.pdf", b"hello", content_type="application/pdf")
    (about,) = (path for path in (root / ".about").rglob("*") if path.is_file())
    for torn in (b"", b'{"sha256": "12', b"[]", b"{}"):
        about.write_bytes(torn)
        assert folder_store.stat(f"{company}/a.pdf") == stat


def test_a_key_is_never_the_folder_of_another(folder_store: FolderStore, company: str) -> None:
    folder_store.put(f"{company}/a", b"x")
    folder_store.put(f"{company}/b/c/d", b"x")
    for key in (f"{company}/a/b", f"{company}/a/b/c", f"{company}/b", f"{company}/b/c"):
        for create in (True, False):
            with pytest.raises(InputError, match="folder of another"):
                folder_store.put(key, b"y", create=create)
        assert not folder_store.exists(key)
        folder_store.delete(key)
    assert len(list(folder_store.list_prefix(company))) == 2


def test_what_dead_processes_left_is_swept_after_a_day(
    folder_store: FolderStore, root: Path, company: str, settings
) -> None:
    folder_store.put(f"{company}/a", b"x")
    old, fresh = root / ".incoming" / "old", root / ".incoming" / "fresh"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    FolderStore(root, signer=folder_store.signer, address="", expires_s=1)
    assert [path.exists() for path in (old, fresh)] == [False, True]


def test_writers_and_deleters_at_once_never_show_a_mixture(folder_store: FolderStore, company: str) -> None:
    """Bytes, hash and type always belong together, and no writer fails because a folder was pruned under it."""
    key, failures, seen, stop = f"{company}/p/q/a", [], set(), threading.Event()

    def guarded(work) -> None:
        try:
            while not stop.is_set():
                work()
        except Exception as error:  # noqa: BLE001  (handed to the main thread)
            failures.append(error)

    def write(name: str) -> None:
        folder_store.put(key, name.encode() * 100, content_type=f"text/{name}")

    def look() -> None:
        try:
            stream, stat = folder_store.open_described(key)
        except BlobMissing:
            return
        with stream:
            content = stream.read()
        assert stat.etag == sha256(content).hexdigest()
        assert stat.content_type == f"text/{content[:3].decode()}"
        seen.add(stat.content_type)

    jobs = [lambda: write("one"), lambda: write("two"), lambda: folder_store.delete(key), look]
    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen == {"text/one", "text/two"}


_WRITER = """
import sys, itertools
from pathlib import Path
from fabwright.server.files.folder import FolderStore
from fabwright.server.files.signing import Signer
store = FolderStore(Path(sys.argv[1]), signer=Signer(["x"]), address="", expires_s=1)
for letter in itertools.cycle("ab"):
    store.put(sys.argv[2], letter.encode() * 300_000, content_type=f"text/{letter}")
    print(letter, flush=True)
"""


@pytest.mark.crash
def test_a_writer_killed_at_any_moment_leaves_a_whole_blob(folder_store: FolderStore, root: Path, company: str) -> None:
    key = f"{company}/p/a"
    for kill_after_s in (0.0, 0.001, 0.002, 0.004, 0.007, 0.011):
        with subprocess.Popen([sys.executable, "-c", _WRITER, str(root), key], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(kill_after_s)
            writer.kill()
        stream, stat = folder_store.open_described(key)
        with stream:
            content = stream.read()
        assert content in (b"a" * 300_000, b"b" * 300_000)
        assert (stat.etag, stat.content_type) == (sha256(content).hexdigest(), f"text/{content[:1].decode()}")
        assert [entry.key for entry in folder_store.list_prefix(company)] == [key]


def test_a_folder_that_cannot_be_written_is_said_so(folder_store: FolderStore, tmp_path: Path, company: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    broken = FolderStore(tmp_path / "file" / "blobs", signer=folder_store.signer, address="", expires_s=1)
    for call in (broken.check, lambda: broken.put(f"{company}/a", b"")):
        with pytest.raises(BlobUnavailable):
            call()


@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40), data=st.binary())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_valid_key_works(folder_store: FolderStore, company: str, name: str, data: bytes) -> None:
    key = f"{company}/{name}"
    try:
        check_key(key)
    except BlobKeyError:
        with pytest.raises(BlobKeyError):
            folder_store.put(key, data)
        return
    stat = folder_store.put(key, data)
    assert folder_store.read(key) == data
    assert [entry.key for entry in folder_store.list_prefix(company)] == [key]
    assert folder_store.stat(key) == stat
    folder_store.delete(key)


def test_several_ranges_give_the_whole(folder_store: FolderStore, company: str) -> None:
    folder_store.put(f"{company}/a", b"0123456789")
    answer = httpx.get(folder_store.signed_get(f"{company}/a"), headers={"Range": "bytes=0-1,4-5"})
    assert (answer.status_code, answer.content) == (200, b"0123456789")


def test_a_part_is_sent_only_of_the_bytes_the_client_knows(folder_store: FolderStore, company: str) -> None:
    stat = folder_store.put(f"{company}/a", b"0123456789")
    address = folder_store.signed_get(f"{company}/a")
    modified = httpx.head(address).headers["last-modified"]
    for condition, status in [
        (f'"{stat.etag}"', 206),
        ('"other"', 200),
        (f'W/"{stat.etag}"', 200),
        (modified, 206),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 200),
        ("nonsense", 200),
    ]:
        answer = httpx.get(address, headers={"Range": "bytes=2-3", "If-Range": condition})
        assert answer.status_code == status, condition
        assert answer.content == (b"23" if status == 206 else b"0123456789")


def test_head_says_what_get_would_send(folder_store: FolderStore, company: str) -> None:
    folder_store.put(f"{company}/a", b"0123456789", content_type="text/csv")
    address = folder_store.signed_get(f"{company}/a")
    for headers in ({}, {"Range": "bytes=2-3"}, {"Range": "bytes=99-"}):
        got, head = httpx.get(address, headers=headers), httpx.head(address, headers=headers)
        assert (head.status_code, head.content) == (got.status_code, b"")
        for name in ("content-type", "content-length", "content-range", "etag", "content-disposition"):
            if got.status_code != 416:
                assert head.headers.get(name) == got.headers.get(name)


def test_a_browser_cannot_be_made_to_run_a_blob(folder_store: FolderStore, company: str) -> None:
    folder_store.put(f"{company}/a.html", b"<script>alert(1)</script>", content_type="text/html")
    headers = httpx.get(folder_store.signed_get(f"{company}/a.html")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_an_answer_may_be_kept_as_long_as_the_address_lives(folder_store: FolderStore, company: str) -> None:
    folder_store.put(f"{company}/a", b"x")
    kept = httpx.get(folder_store.signed_get(f"{company}/a", expires_s=100)).headers["cache-control"]
    name, _, seconds = kept.partition(", max-age=")
    assert name == "private"
    assert 90 <= int(seconds) <= 100
    assert httpx.get(folder_store.signed_get(f"{company}/a") + "0").headers["cache-control"] == "no-store"


def test_addresses_of_all_sorts_of_nonsense_are_refused(web: str, folder_store: FolderStore, company: str) -> None:
    folder_store.put(f"{company}/a", b"x")
    query = folder_store.signed_get(f"{company}/a").partition("?")[2]
    for path in (f"{company}/a%00", f"{company}/%2e%2e/{company}/a", "", "a", f"{company}//a", f"{company}/a/", "%FF"):
        assert httpx.get(f"{web}/data/blob/{path}?{query}").status_code == 403, path
    for wrong in ("", "signature", "&".join(["a=b"] * 200), query + "&store=backup", query + "&store=", "expires=%FF"):
        assert httpx.get(f"{web}/data/blob/{company}/a?{wrong}").status_code == 403, wrong


def test_without_a_base_address_the_called_one_is_added(settings, tmp_path: Path, company: str) -> None:
    settings.BLOBS, settings.BASE_URL = str(tmp_path), ""
    assert store().signed_get(f"{company}/a").startswith(f"/data/blob/{company}/a?expires=")


def test_the_second_store_has_addresses_of_its_own(
    settings, folder_store: FolderStore, tmp_path: Path, company: str
) -> None:
    with pytest.raises(ConfigurationError, match="attic"):
        store("attic")
    settings.BLOBS_BACKUP = str(tmp_path / "backup")
    folder_store.put(f"{company}/a", b"here")
    store("backup").put(f"{company}/a", b"there")
    address = store("backup").signed_get(f"{company}/a")
    assert httpx.get(address).content == b"there"
    assert httpx.get(address.replace("store=backup&", "")).status_code == 403
    assert httpx.get(folder_store.signed_get(f"{company}/a")).content == b"here"
