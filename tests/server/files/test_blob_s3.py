"""What only a bucket has to prove: its address, its prefix, and a server that is not there."""

import httpx
import pytest
import time_machine

from fabwright.errors import ConfigurationError
from fabwright.server.files import BlobStore, BlobUnavailable, store
from fabwright.server.files.s3 import S3Location
from tests.server.files.s3_server import S3Server


def test_an_address_of_a_bucket_is_read() -> None:
    assert S3Location.parse("s3://plans") == S3Location("plans")
    assert S3Location.parse(
        "s3://plans?endpoint=http://127.0.0.1:9000&public_endpoint=https://files.example.com&region=eu-west-1&prefix=/a/b/"
    ) == S3Location("plans", "http://127.0.0.1:9000", "https://files.example.com", "eu-west-1", "a/b")


@pytest.mark.parametrize("address", ["s3://", "http://x", "s3://a?endpoint=127.0.0.1", "s3://a?endpont=http://x"])
def test_a_wrong_address_of_a_bucket_names_what_is_expected(address: str) -> None:
    with pytest.raises(ConfigurationError, match="FABWRIGHT_BLOBS"):
        S3Location.parse(address)


def test_a_prefix_shares_a_bucket(settings, s3_store: BlobStore, s3: S3Server, company: str) -> None:
    settings.BLOBS = f"{s3.address}&prefix=factory/one"
    inner = store()
    inner.put(f"{company}/a", b"inner")
    s3_store.put(f"{company}/a", b"outer")
    assert httpx.get(inner.signed_get(f"{company}/a")).content == b"inner"
    assert [entry.key for entry in inner.list_prefix(company)] == [f"{company}/a"]
    assert inner.delete_prefix(company) == 1
    assert s3_store.read(f"{company}/a") == b"outer"


def test_more_blobs_than_one_answer_lists_are_listed_and_deleted(s3_store: BlobStore, company: str) -> None:
    for number in range(1005):
        s3_store._client.put_object(Bucket="test-blobs", Key=f"{company}/many/{number:04}", Body=b"")  # type: ignore[attr-defined]
    assert len(list(s3_store.list_prefix(f"{company}/many"))) == 1005
    assert s3_store.delete_prefix(f"{company}/many") == 1005
    assert list(s3_store.list_prefix(company)) == []


def test_an_address_for_reading_is_not_one_for_asking_heads(s3_store: BlobStore, company: str) -> None:
    """What differs from the folder, whose view answers HEAD: SigV4 signs the method."""
    s3_store.put(f"{company}/a", b"x")
    address = s3_store.signed_get(f"{company}/a")
    assert (httpx.get(address).status_code, httpx.head(address).status_code) == (200, 403)


def test_clients_get_the_public_address_of_the_server(
    settings, s3_store: BlobStore, s3: S3Server, company: str
) -> None:
    s3_store.put(f"{company}/a", b"x")
    public = s3.endpoint.replace("127.0.0.1", "localhost")
    settings.BLOBS = f"{s3.address}&public_endpoint={public}"
    address = store().signed_get(f"{company}/a")
    assert address.startswith(f"{public}/test-blobs/{company}/a?")
    assert httpx.get(address).content == b"x"


def test_an_address_is_given_out_again_for_a_fifth_of_its_life(settings, s3_store: BlobStore, company: str) -> None:
    settings.SIGNED_URL_S = 1000
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        first = store().signed_get(f"{company}/a")
        clock.shift(199)
        assert store().signed_get(f"{company}/a") == first
        assert store().signed_get(f"{company}/a", download_name="b") != first
        assert store().signed_get(f"{company}/a", expires_s=1000) != first
        clock.shift(1)
        assert store().signed_get(f"{company}/a") != first


def test_wrong_keys_are_the_stores_failure_not_the_users(
    settings, s3_store: BlobStore, s3: S3Server, monkeypatch: pytest.MonkeyPatch, company: str
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    settings.BLOBS = f"{s3.address}&region=eu-west-1"  # a store that has not connected yet
    with pytest.raises(BlobUnavailable, match="refused"):
        store().check()
    with pytest.raises(BlobUnavailable, match="refused"):
        store().put(f"{company}/a", b"x")


def test_a_server_that_is_not_there_is_said_so(settings, s3_store: BlobStore, company: str) -> None:
    settings.BLOBS = "s3://plans?endpoint=http://127.0.0.1:9"
    for call in (store().check, lambda: store().read(f"{company}/a")):
        with pytest.raises(BlobUnavailable, match="does not answer"):
            call()
