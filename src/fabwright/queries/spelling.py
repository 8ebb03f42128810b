"""Writing a tree as a query again, and the percent-escapes that make any text a value."""

import re

from fabwright.queries.attributes import Lookup
from fabwright.queries.tree import And, Compare, Everything, Node, Not, Or
from fabwright.queries.values import write_value

_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNSAFE = re.compile(r"[%+&|()~,=]|[^\S ]|[\x00-\x1f\x7f]|^ +| +$")


def escape(text: str) -> str:
    """`text` with everything percent-encoded (UTF-8) that has a meaning in a query, so that it stands for itself."""
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def unescape(text: str) -> str:
    """`text` with its percent-escapes decoded. A percent sign without two hexadecimal digits stands for itself.

    Raises:
        ValueError: escapes that are not UTF-8, or a NUL character or lone surrogate, which no database stores.
    """
    try:
        plain = _ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode(), text)
    except UnicodeDecodeError:
        raise ValueError("percent-escapes must be UTF-8; write a percent sign as %25") from None
    return checked(plain)


def checked(text: str) -> str:
    """`text` itself.

    Raises:
        ValueError: it has a NUL character or a lone surrogate, which no database stores.
    """
    if "\x00" in text:
        raise ValueError("a NUL character is not allowed")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a lone surrogate is not a character") from None
    return text


def unparse(node: Node) -> str:
    """The query of a tree: `parse(unparse(node), attributes) == node` for every tree that `parse` can make."""
    match node:
        case Everything():
            return ""
        case Compare():
            lookup = "" if node.lookup is Lookup.EXACT else f"__{node.lookup}"
            return f"{escape(node.name)}{lookup}={','.join(escape(write_value(value)) for value in node.values)}"
        case Not(operand):
            return f"~{_grouped(operand, And, Or)}"
        case And(operands):
            return "+".join(_grouped(operand, And, Or) for operand in operands)
        case Or(operands):
            return "|".join(_grouped(operand, Or) for operand in operands)


def _grouped(node: Node, *kinds: type) -> str:
    return f"({unparse(node)})" if isinstance(node, kinds) else unparse(node)
