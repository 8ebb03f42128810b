"""The material index of boards and members in WUP files (formats.md 9.1), from the name of the material.

The description gives ranges only; within a range the first number is taken. Longer words come first.
"""

_WORDS: tuple[tuple[str, int], ...] = (
    ("gypsum fib", 10),
    ("gipsfaser", 10),
    ("fermacell", 10),
    ("plasterboard", 70),
    ("gypsum", 70),
    ("gips", 70),
    ("soft fib", 20),
    ("wood fib", 20),
    ("dwd", 20),
    ("mdf", 20),
    ("osb", 30),
    ("chipboard", 40),
    ("particle", 40),
    ("plywood", 90),
    ("multiplex", 90),
    ("insulation", 140),
    ("film", 180),
    ("foil", 180),
    ("membrane", 180),
)
WOOD = 1


def material_index(material: str) -> int:
    """The index of a material; that of wood when its name holds no word that we know."""
    text = material.casefold()
    return next((index for word, index in _WORDS if word in text), WOOD)
