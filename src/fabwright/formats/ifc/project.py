"""What a file holds after reading: panels, what was doubtful, what was left out."""

from fabwright.timber import Panel
from fabwright.timber.parameters import Label, Note, Parameters


class Warning(Parameters, frozen=True, kw_only=True):  # the word of the field; nothing here raises Python's warnings
    """Something about one element that a planner should know; the element is imported as far as it is clear.

    Attributes:
        element: GlobalId of the element, empty for the file as a whole.
        name, cls: its name and IFC class.
    """

    element: Label = ""
    name: Note = ""
    cls: Label = ""
    message: Note


class Project(Parameters, frozen=True, kw_only=True):
    """The panels of a file.

    Attributes:
        schema: IFC2X3, IFC4 or IFC4X3.
        unit: name of the file's length unit, e.g. "inch"; all lengths here are mm.
        skipped: how many elements of a class were left out because they are no part of a panel.
    """

    name: Note = ""
    schema: Label
    unit: Label
    panels: tuple[Panel, ...] = ()
    warnings: tuple[Warning, ...] = ()
    skipped: dict[str, int] = {}
