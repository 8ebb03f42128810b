"""Layouts that users wrote. Runs in a child process, so it knows no Django."""

import tempfile
from pathlib import Path
from typing import Any


def user_pdf(content: str, data: dict[str, Any]) -> bytes:
    """The PDF of a Typst document with `data`.

    Raises:
        TemplateError: it does not compile; the message says where.
    """
    from fabwright.documents.typesetting import Paper  # only the child loads the typesetter

    with tempfile.TemporaryDirectory(prefix="fabwright-layout-") as folder:
        (Path(folder) / "layout.typ").write_text(content, encoding="utf-8")
        return Paper(Path(folder)).pdf("layout.typ", data)
