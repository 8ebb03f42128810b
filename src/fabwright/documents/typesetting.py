"""Paper by Typst: a template and plain data in, a PDF out. The same template and data give the same bytes.

Templates see nothing but the folder they lie in, the data (as JSON in `sys.inputs.data`) and the fonts that come with
Typst; system fonts and the clock stay outside. Templates that users wrote run where there is no network either
(`fabwright.metrology.report`).
"""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from fabwright.errors import FabwrightError, InputError

TEMPLATES = Path(__file__).parent / "templates"
_NO_PACKAGES = TEMPLATES / "packages"  # there is no such folder: our templates import no packages


class TemplateError(InputError):
    """A template that does not compile; the message says where."""

    code = "template"


class Paper:
    """Compiles the templates of one folder.

    Args:
        templates: the folder; a user's own folder may stand in for ours. Templates cannot read outside it.
    """

    def __init__(self, templates: Path = TEMPLATES) -> None:
        self._root = templates.resolve()

    def pdf(self, template: str, data: Mapping[str, Any]) -> bytes:
        """The document as PDF.

        Args:
            template: file name within the folder.
            data: what JSON can hold; the template reads it with `json(bytes(sys.inputs.data))`.

        Raises:
            InputError: no such template.
            TemplateError: it does not compile with this data.
        """
        made = self._compile(template, data, format="pdf")
        assert isinstance(made, bytes)
        return made

    def pictures(self, template: str, data: Mapping[str, Any], *, ppi: float = 144.0) -> list[bytes]:
        """The pages as PNG."""
        made = self._compile(template, data, format="png", ppi=ppi)
        return [made] if isinstance(made, bytes) else list(made)

    def _compile(self, template: str, data: Mapping[str, Any], **how: Any) -> bytes | list[bytes]:
        path = (self._root / template).resolve()
        if path.parent != self._root or path.suffix != ".typ" or not path.is_file():
            raise InputError(f"there is no template {template!r}", where="template")
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        try:
            made: bytes | list[bytes] | None = _compiler(self._root).compile(
                input=str(path), sys_inputs={"data": text}, timestamp=0, pdf_tags=True, **how
            )
        except typst.TypstError as error:
            raise TemplateError(f"{error.message}\n{error.diagnostic}", where=template) from error
        if made is None:
            raise FabwrightError("the typesetter returned nothing", where=template)
        return made


@functools.cache
def _compiler(root: Path) -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    return typst.Compiler(
        root=str(root), font_paths=fonts, package_path=str(_NO_PACKAGES), package_cache_path=str(_NO_PACKAGES)
    )


def breakable(text: str, longest: int = 9, step: int = 3) -> str:
    """The text with places (zero-width spaces) where a long word may be broken, so that no name runs out of its cell.

    Args:
        longest: signs of a word that always fits.
        step: signs between the places in a longer word; after punctuation within it there is always one.
    """
    return re.sub(rf"\S{{{longest + 1},}}", lambda word: _broken(word.group(), step), text)


def _broken(word: str, step: int) -> str:
    pieces = re.findall(rf"[^-_/.,;:|+]{{1,{step}}}[-_/.,;:|+]*|[-_/.,;:|+]+", word)
    return "\u200b".join(pieces)


def shortened(text: str, most: int) -> str:
    """At most `most` signs, an ellipsis in place of the rest: for running heads, which have one line."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
