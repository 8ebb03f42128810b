"""CIX text to blocks and macros, expressions evaluated. Both dialects of values are read (symbols and numbers)."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fabwright.errors import FormatError

MAX_BYTES = 50 * 1024 * 1024
_PARAM = re.compile(r"PARAM\s*,\s*NAME\s*=\s*(\w+)\s*,\s*VALUE\s*=(.*)", re.IGNORECASE)
_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Macro:
    """A macro with its parameters as text, and the line it begins on."""

    name: str
    parameters: Mapping[str, str]
    line: int

    def text(self, key: str, default: str = "") -> str:
        """A text without its quotes."""
        return self.parameters.get(key, default).strip().strip('"')

    def number(self, key: str, variables: Mapping[str, float], default: float | None = None) -> float:
        """A number or an expression of numbers and LPX, LPY, LPZ.

        Raises:
            FormatError: missing, or no such expression.
        """
        text = self.parameters.get(key, "").strip()
        if not text and default is not None:
            return default
        return evaluate(text, variables, f"line {self.line}, {self.name}.{key}")

    def flag(self, key: str) -> bool:
        """YES or 1."""
        return self.text(key).upper() in ("YES", "1", "-1")


@dataclass(frozen=True)
class CixText:
    """The main data and all macros in order."""

    main: Mapping[str, str]
    macros: tuple[Macro, ...]

    @property
    def sizes(self) -> dict[str, float]:
        """LPX, LPY and LPZ: length, width and thickness of the panel, mm."""
        return {name: evaluate(self.main.get(name, ""), {}, f"MAINDATA.{name}") for name in ("LPX", "LPY", "LPZ")}


def parse_cix(data: bytes) -> CixText:
    """The text as blocks.

    Raises:
        FormatError: a block that is not closed, a line outside any block or one that no rule knows; names the line.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"at most {MAX_BYTES} bytes are read", where="CIX")
    main: dict[str, str] = {}
    macros: list[Macro] = []
    block, begun, name, seen_id = "", 0, "", False
    parameters: dict[str, str] = {}
    for number, raw in enumerate(data.decode("cp1252", errors="replace").splitlines(), start=1):
        line = raw.strip()
        where = f"line {number}"
        if not line:
            continue
        if not block:
            found = re.fullmatch(r"BEGIN (\w+)(?: \w+)?", line)
            if not found:
                raise FormatError(f"the beginning of a block was expected, got {line[:40]!r}", where=where)
            block, begun, name, parameters = found.group(1), number, "", {}
            seen_id = seen_id or block == "ID"
        elif line == f"END {block}":
            if block == "MACRO":
                if not name:
                    raise FormatError("a macro without a name", where=f"line {begun}")
                macros.append(Macro(name, parameters, begun))
            block = ""
        elif block == "MACRO":
            name = _macro_line(line, name, parameters, where)
        elif block == "MAINDATA":
            key, sign, value = line.partition("=")
            if not sign:
                raise FormatError(f"a name and a value were expected, got {line[:40]!r}", where=where)
            main[key.strip()] = value.strip()
    if block or not seen_id or not main:
        raise FormatError("a complete file with ID and MAINDATA was expected", where=f"block {block or 'ID'}")
    return CixText(main, tuple(macros))


def _macro_line(line: str, name: str, parameters: dict[str, str], where: str) -> str:
    if not name:
        key, _, value = line.partition("=")
        if key.strip() != "NAME" or not value.strip():
            raise FormatError(f"NAME= was expected, got {line[:40]!r}", where=where)
        return value.strip().upper()
    found = _PARAM.fullmatch(line)
    if not found:
        raise FormatError(f"PARAM,NAME=...,VALUE=... was expected, got {line[:40]!r}", where=where)
    parameters[found.group(1).upper()] = found.group(2)
    return name


def evaluate(text: str, variables: Mapping[str, float], where: str) -> float:
    """The value of an expression of numbers, names, + - * / and parentheses.

    Raises:
        FormatError: anything else; never runs code.
    """
    try:
        if len(text) > 200:
            raise ValueError
        value = _value(ast.parse(text.strip().strip('"'), mode="eval").body, variables)
    except (SyntaxError, ValueError, KeyError, ZeroDivisionError, RecursionError, MemoryError) as error:
        raise FormatError(f"a number was expected, got {text[:40]!r}", where=where) from error
    if value - value != 0:
        raise FormatError(f"a finite number was expected, got {text[:40]!r}", where=where)
    return value


def _value(node: ast.expr, variables: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.Name):
        return variables[node.id.upper()]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand, variables)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left, variables), _value(node.right, variables))
    raise ValueError
