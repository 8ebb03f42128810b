import pytest

from fabwright.errors import ConfigurationError
from fabwright.server.environment import Environment


def test_everything_has_a_safe_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environment = Environment.read({})
    assert environment.data == tmp_path / "fabwright-data"
    assert environment.blobs == str(tmp_path / "fabwright-data" / "blobs")
    assert environment.signed_url_s == 3600
    assert environment.webhook_allow == ()
    assert len(environment.secret_key) >= 48


def test_the_secret_key_is_kept_in_the_data_folder(tmp_path):
    first = Environment.read({"FABWRIGHT_DATA": str(tmp_path)}).secret_key
    assert Environment.read({"FABWRIGHT_DATA": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://localhost/x"),
        ("FABWRIGHT_BLOBS", "ftp://somewhere"),
        ("FABWRIGHT_BLOBS", "s3://"),
        ("FABWRIGHT_BASE_URL", "factory.example"),
        ("FABWRIGHT_SIGNED_URL_S", "soon"),
        ("FABWRIGHT_SIGNED_URL_S", "0"),
        ("FABWRIGHT_SIGNED_URL_S", "700000"),
        ("FABWRIGHT_WEBHOOK_ALLOW", "10.0.0.0/40"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence_that_names_it(tmp_path, name, value):
    with pytest.raises(ConfigurationError, match=name):
        Environment.read({"FABWRIGHT_DATA": str(tmp_path), name: value})
