"""Writing MTF-A 1.0: ASCII, CRLF, semicolons, numbers with at most three decimals. The same document gives the same
bytes.
"""

import unicodedata
import zlib
from collections.abc import Iterator

from msgspec.structs import asdict

from fabwright.errors import InputError
from fabwright.formats.mtf.document import Document, Frame
from fabwright.formats.mtf.table import BY_NAME, VERSION
from fabwright.formats.tables.cells import number_text

_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "–": "-", "…": "..."}
)
_DIRECTIONS = ("dx", "dy", "dz")


def write_mtf(document: Document) -> bytes:
    """The file of a document.

    Raises:
        InputError: no frame, or a member without a cut at both ends.
    """
    if not document.frames:
        raise InputError("there is no frame to write", where="frames")
    exported = f"{document.exported_at:%Y-%m-%dT%H:%M:%SZ}" if document.exported_at else ""
    lines = [
        line("MTF", {"version": VERSION, "unit": "MM", "uuid": document.uuid, "exported_at": exported}),
        line("JOB", {"project": document.project, "batch": document.batch, "phase": document.phase}),
    ]
    for frame in document.frames:
        lines.extend(_frame(frame))
    body = "".join(f"{one}\r\n" for one in lines).encode("ascii")
    end = {
        "frames": len(document.frames),
        "members": document.members,
        "nails": document.nails,
        "crc32": f"{zlib.crc32(body):08X}",
    }
    return body + f"{line('END', end)}\r\n".encode("ascii")


def _frame(frame: Frame) -> Iterator[str]:
    yield line("FRAME", asdict(frame))
    for member in frame.members:
        if {cut.end for cut in member.cuts} != {"S", "E"}:
            raise InputError("needs a cut at both ends", where=f"frame {frame.design}, member {member.number}")
        yield line("MEMBER", {"frame": frame.number, **asdict(member)})
        for cut in member.cuts:
            yield line("CUT", {"member": member.number, **asdict(cut)})
        for work in member.works:
            yield line("WORK", {"member": member.number, **asdict(work)})
    for joint in frame.joints:
        yield line("JOINT", {"frame": frame.number, **asdict(joint)})
        for plate in joint.plates:
            yield line("PLATE", {"joint": joint.number, **asdict(plate)})
        for nail in joint.nails:
            yield line("NAIL", {"joint": joint.number, **asdict(nail)})


def line(name: str, values: dict[str, object]) -> str:
    """One record."""
    texts = [name]
    for field in BY_NAME[name].fields:
        value = values[field.name]
        if field.kind == "number":
            assert isinstance(value, int | float)
            texts.append(number_text(float(value), 6 if field.name in _DIRECTIONS else 3))
        elif field.kind == "members":
            assert isinstance(value, tuple)
            texts.append("|".join(str(one) for one in value))
        else:
            texts.append(plain(str(value)))
    return ";".join(texts)


def plain(text: str) -> str:
    """Text as ASCII without semicolons and control characters: accents fall away, other letters become `?`."""
    text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = "".join(sign for sign in text if not unicodedata.combining(sign))
    kept = "".join(sign if sign.isprintable() else " " for sign in kept).replace(";", ",")
    return kept.encode("ascii", "replace").decode("ascii").strip()
