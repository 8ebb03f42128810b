"""By which of its first bytes a file of a format is told. Each gets as many as
`registry.HEAD_BYTES` says."""


def _text(head: bytes) -> str:
    return head.decode("utf-8-sig", errors="replace")


def _first_row(head: bytes) -> str:
    is_wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head[: len(head) // 2 * 2].decode("utf-16", errors="replace") if is_wide else _text(head)
    return " ".join(text.lstrip().partition(";")[0].split())


def is_btl(head: bytes) -> bool:
    """VERSION opens its general part."""
    return _text(head).lstrip().upper().startswith("VERSION:")


def is_btlx(head: bytes) -> bool:
    """The root element, in UTF-8 or UTF-16."""
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    return "<BTLx" in text


def is_ifc(head: bytes) -> bool:
    """The first line of every STEP file."""
    return _text(head).lstrip().startswith("ISO-10303-21")


def is_bvx(head: bytes) -> bool:
    """The root element with its version."""
    text = _text(head)
    return "<Job" in text and "BvxVersion" in text


def is_fnc(head: bytes) -> bool:
    """Its header row."""
    return _text(head).startswith("version;panel;assembly_uuid;seq;")


def is_mtf(head: bytes) -> bool:
    """The word of its first row."""
    return head.startswith(b"MTF;")


def is_mesh(head: bytes) -> bool:
    """PLY and text STL; other meshes are told by their endings."""
    start = head.lstrip()[:6].lower()
    return start.startswith((b"ply\n", b"ply\r", b"solid"))


def is_ardis(head: bytes) -> bool:
    """Its header row."""
    from fabwright.formats.ardis.check import is_ardis as has_columns

    return has_columns(head)


def is_ptx(head: bytes) -> bool:
    """The record that comes first."""
    return _text(head).lstrip().upper().startswith("HEADER,")


def is_cix(head: bytes) -> bool:
    """The block that comes first."""
    return _text(head).lstrip().upper().startswith("BEGIN ID CID")


def is_xcs(head: bytes) -> bool:
    """The call that every program begins with."""
    return "CreateFinishedWorkpieceBox(" in _text(head)


def is_dxf(head: bytes) -> bool:
    """The first group that is no comment opens a section."""
    lines = [line.strip() for line in _text(head).splitlines()]
    pairs = list(zip(lines[::2], lines[1::2], strict=False))
    return next((pair for pair in pairs if pair[0] != "999"), None) == ("0", "SECTION")


def is_wup(head: bytes) -> bool:
    """VERSION 3.x in its first row, but not one of our analogues."""
    return _first_row(head).startswith("VERSION 3.") and not is_mob(head)


def is_mob(head: bytes) -> bool:
    """The version in its first row."""
    return _first_row(head) in ("VERSION 3.00", "MOB2 1.0")
