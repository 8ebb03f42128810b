"""What surrounds the entities of an R2000 file: header, tables, blocks, objects. Made once by ezdxf, then reused."""

import functools
import io
from dataclasses import dataclass

from ezdxf._options import options
from ezdxf.filemanagement import new

from fabwright.formats.dxf.layers import COLOURS

APPLICATION = "FABWRIGHT"
_FIRST_HANDLE = 0x1000  # far above those of the frame
_SEED = "$HANDSEED\n  5\n"


@dataclass(frozen=True)
class Frame:
    """Pieces of the file as they are written, and the handles that entities and layers refer to."""

    before_seed: bytes
    before_layers: bytes
    before_entities: bytes
    after_entities: bytes
    layer_table: str
    model_space: str
    plot_style: str

    def content(self, layers: "dict[str, str]", entities: str, next_handle: int) -> bytes:
        """The whole file, CRLF, in the code page of the format.

        Args:
            layers: layer name -> handle.
            next_handle: the first that is free.
        """
        table = "".join(self._layer(name, handle) for name, handle in layers.items())
        return b"".join(
            (
                self.before_seed,
                _encoded(f"{next_handle:X}\n"),
                self.before_layers,
                _encoded(table),
                self.before_entities,
                _encoded(entities),
                self.after_entities,
            )
        )

    def _layer(self, name: str, handle: str) -> str:
        colour = COLOURS[name if name in COLOURS else name.partition("_")[0]]
        return (
            f"  0\nLAYER\n  5\n{handle}\n330\n{self.layer_table}\n100\nAcDbSymbolTableRecord\n100\n"
            f"AcDbLayerTableRecord\n  2\n{name}\n 70\n0\n 62\n{colour}\n  6\nContinuous\n"
            f"370\n-3\n390\n{self.plot_style}\n"
        )


@functools.cache
def frame() -> Frame:
    """The frame: R2000, millimetres, one application name for extended data; the same bytes every time."""
    fixed = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        document = new("R2000", units=4)
        document.header["$MEASUREMENT"] = 1
        document.appids.add(APPLICATION)
        layer = document.layers.add("LAST")
        buffer = io.StringIO()
        document.write(buffer)
    finally:
        options.write_fixed_meta_data_for_testing = fixed
    text = buffer.getvalue()
    seed = text.index(_SEED) + len(_SEED)
    after_seed = text.index("\n", seed) + 1
    start = text.rindex("  0\nLAYER\n", 0, text.index("\nLAST\n"))
    end = text.index("  0\nENDTAB\n", start)
    entities = text.index("  2\nENTITIES\n") + len("  2\nENTITIES\n")
    return Frame(
        before_seed=_encoded(text[:seed]),
        before_layers=_encoded(text[after_seed:start]),
        before_entities=_encoded(text[end:entities]),
        after_entities=_encoded(text[entities:]),
        layer_table=layer.dxf.owner,
        model_space=document.modelspace().layout_key,
        plot_style=layer.dxf.plotstyle_handle,
    )


def _encoded(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("cp1252")


class Handles:
    """Handles in order, as hexadecimal text."""

    def __init__(self) -> None:
        self.next = _FIRST_HANDLE

    def take(self) -> str:
        """The next free handle."""
        self.next += 1
        return f"{self.next - 1:X}"
