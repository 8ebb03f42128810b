"""The reference pages hold the tables that writer and reader follow."""

from pathlib import Path

import pytest

from fabwright.formats.btl import table as btl
from fabwright.formats.btlx import table as btlx

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"


@pytest.mark.parametrize(("page", "text"), [("btl.md", btl.describe()), ("btlx.md", btlx.describe().rstrip())])
def test_the_reference_page_holds_the_table(page, text):
    assert text in (DOCS / page).read_text(encoding="utf-8")
