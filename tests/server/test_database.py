"""The embedded database."""

from pathlib import Path

import pytest

from fabwright.errors import ConfigurationError
from fabwright.server.database import EmbeddedDatabase


@pytest.mark.parametrize("name", ["my data", "it's", "a;b", "$HOME"])
def test_a_folder_that_the_shell_would_take_apart_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"FABWRIGHT_DATA: the embedded database cannot lie in .*no spaces"):
        EmbeddedDatabase(tmp_path / name / "database")
    assert not (tmp_path / name).exists()
