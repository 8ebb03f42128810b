"""The calls of a script with the kinds of their arguments: one table for writer, reader and check."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fabwright.errors import FormatError

MAX_BYTES = 50 * 1024 * 1024
Argument = str | float | bool | None


@dataclass(frozen=True)
class Name:
    """A word of the script itself, such as TypeOfProcess.Drilling."""

    text: str


@dataclass(frozen=True)
class Call:
    """One call: its arguments are texts, numbers, true and false, names and null."""

    name: str
    arguments: tuple[Argument | Name, ...]
    line: int

    def text(self, index: int) -> str:
        """A text.

        Raises:
            FormatError: another kind of argument.
        """
        value = self.arguments[index]
        if not isinstance(value, str):
            raise FormatError(f"argument {index + 1} of {self.name} must be a text", where=f"line {self.line}")
        return value

    def number(self, index: int) -> float:
        """A number.

        Raises:
            FormatError: another kind of argument.
        """
        value = self.arguments[index]
        if isinstance(value, bool) or not isinstance(value, float):
            raise FormatError(f"argument {index + 1} of {self.name} must be a number", where=f"line {self.line}")
        return value


# Kinds of arguments: t text, n number, b true or false, w a name of the script, ? any of them or null.
# A second entry is a shorter or longer form that production files show as well.
CALLS: dict[str, tuple[str, ...]] = {
    "SetMachiningParameters": ("tnnnb",),
    "CreateFinishedWorkpieceBox": ("tnnn",),
    "CreateRawWorkpiece": ("tnnnnnn",),
    "SetWorkpieceSetupPosition": ("nnnn",),
    "SelectWorkplane": ("t",),
    "CreateDrill": ("tnnnntwttnnnt", "tnnnntwttnnntnn"),
    "CreatePattern": ("nnnnnn",),
    "ResetPattern": ("",),
    "CreatePolyline": ("tnn",),
    "AddSegmentToPolyline": ("nn",),
    "AddArc2PointCenterToPolyline": ("nnnnb",),
    "CreateSegment": ("tnnnn",),
    "SetApproachStrategy": ("bbn",),
    "ResetApproachStrategy": ("",),
    "SetRetractStrategy": ("bbnn",),
    "ResetRetractStrategy": ("",),
    "SetPneumaticHoodPosition": ("?",),
    "CreateRoughFinish": ("tntwttnnnnn",),
    "CreateContourPocket": ("tntwttnnnnb", "tntwttnnnnbt", "tntwttnnnnbtt", "tntwttnnnnbttt"),
    "CreateUnidirectionalMillingStrategy": ("bnnnb",),
    "ResetUnidirectionalMillingStrategy": ("",),
    "CreateSectioningMillingStrategy": ("nnn",),
    "CreateBladeCut": ("ttwttnnnnnnbbnn",),
    "CreateMacro": ("tt", "ttn", "ttnn", "ttnnn"),
    "SetComment": ("t",),
    "SetDescription": ("t",),
    "SetOptimization": ("b",),
    "SetAutoSetup": ("b",),
}
"""Call -> forms of its arguments (inferred from independent generators and production files)."""

_WORDS: dict[str, Argument | Name] = {"true": True, "false": False, "null": None}
_CALL = re.compile(r"(?P<name>[A-Za-z_]\w*)\((?P<arguments>.*)\);")
_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*))\s*(?P<end>,|$)'
)


def parse_xcs(data: bytes) -> list[Call]:
    """The calls of a script, each checked against the table.

    Raises:
        FormatError: a line that is no call, an unknown call, or arguments that fit none of its forms; names the line.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"at most {MAX_BYTES} bytes are read", where="XCS")
    calls = []
    for number, raw in enumerate(data.decode("cp1252", errors="replace").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("//"):
            continue
        found = _CALL.fullmatch(line)
        if not found:
            raise FormatError(f"one call with ; at its end was expected, got {line[:50]!r}", where=f"line {number}")
        name, arguments = found["name"], tuple(_arguments(found["arguments"], number))
        if name not in CALLS:
            raise FormatError(f"the call {name} is not known", where=f"line {number}")
        kinds = "".join(map(_kind, arguments))
        if not any(_fits(kinds, form) for form in CALLS[name]):
            raise FormatError(f"{name} does not take the arguments ({found['arguments'][:60]})", where=f"line {number}")
        calls.append(Call(name, arguments, number))
    if not calls:
        raise FormatError("an empty script", where="XCS")
    return calls


def _arguments(text: str, line: int) -> Iterator[Argument | Name]:
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token or (token["end"] == "," and token.end() == len(text)):
            raise FormatError(f"an argument was expected, got {text[at : at + 30]!r}", where=f"line {line}")
        at = token.end()
        if token["text"] is not None:
            yield re.sub(r"\\(.)", r"\1", token["text"][1:-1])
        elif token["number"] is not None:
            yield float(token["number"])
        else:
            yield _WORDS.get(token["word"], Name(token["word"]))


def _kind(argument: Argument | Name) -> str:
    if isinstance(argument, bool):
        return "b"
    return "t" if isinstance(argument, str) else "n" if isinstance(argument, float) else "w" if argument else "0"


def _fits(kinds: str, form: str) -> bool:
    return len(kinds) == len(form) and all(want in ("?", have) for have, want in zip(kinds, form, strict=True))
