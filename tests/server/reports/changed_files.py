"""Orders for kinds without a database, and files of theirs with one thing changed."""

import re
import uuid
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from fabwright.demo.house import build_house
from fabwright.formats.files import File
from fabwright.server.reports.kinds import kinds
from fabwright.server.reports.kinds.base import Element, Kind, Options, Order, Piece, read_options

HOUSE = {panel.name: panel for panel in build_house()}
_NUMBER = re.compile(r"(?<![\w#.-])-?\d+(?:\.\d+)?(?![\w.])|(?<=P\d\d:)-?\d{8}")


class Making:
    """One kind over some panels of the demo house."""

    def __init__(self, document_type: str, names: list[str], meta: dict[str, Any] | None = None) -> None:
        self.kind: Kind[Options] = kinds()[document_type]
        self.options = read_options(self.kind, {}, meta or {})
        self.order = Order(
            document_type=document_type, report_name="changed", company="House Works", project="Larch house",
            project_number="12", client="Family Larch", super_project="", elements=tuple(map(_element, names)),
            as_of=datetime(2026, 1, 1, tzinfo=UTC), meta=meta or {},
        )  # fmt: skip
        self.files = self.kind.make(self.order, self.options, lambda percent, note: None)

    @property
    def text(self) -> str:
        """Of the first file."""
        return self.files[0].content.decode()

    def verify(self, text: str) -> None:
        """Reads the first file with another text; checksums are made anew, so that only what was said is wrong."""
        content = _summed(text.encode())
        self.kind.verify(self.order, self.options, (File(self.files[0].name, content), *self.files[1:]))

    def changes(self) -> Iterator[tuple[str, str]]:
        """(what was changed, the text with it) for every number in the file: 3 mm or degrees more."""
        text = self.text
        for found in _NUMBER.finditer(text):
            old = found.group()
            if "." in old:
                new = f"{float(old) + 3:.3f}"
            else:
                new = str(int(old) + (300 if len(old) == 8 else 3)).zfill(len(old))
            place = text[max(0, found.start() - 80) : found.end() + 25]
            yield f"{old} -> {new} in {place!r}", text[: found.start()] + new + text[found.end() :]


def _element(name: str) -> Element:
    panel, home = HOUSE[name], uuid.uuid5(uuid.NAMESPACE_URL, name)
    pieces = tuple(Piece(uuid.uuid5(home, str(number)), part) for number, part in enumerate(panel.parts))
    return Element(home, name, home, name, 0, panel, pieces, phase="Walls", batch="Walls 1", batch_uuid=home)


def _summed(data: bytes) -> bytes:
    for mark, ending in ((b"END ", rb"[0-9A-F]{8};"), (b"END;", rb"[0-9A-F]{8}\s*$")):
        at = data.rstrip().rfind(mark)
        if at > 0 and data[:8].startswith((b"MOB2", b"MTF;")):
            tail = re.sub(ending, b"%08X" % zlib.crc32(data[:at]) + (b";" if mark == b"END " else b"\r\n"), data[at:])
            return data[:at] + tail
    return data
