"""Parsing setups: what a part is (category) and where its values stand (properties), by the words of the source."""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from fabwright.formats.ifc.facts import Facts
from fabwright.timber import Category
from fabwright.timber.parameters import Label, Parameters

Match = Literal["ALL", "PREFIX"]
Field = Literal[
    "reference", "name", "zone", "material", "grade", "article", "quantity", "spacing", "milling_depth", "panel"
]
PropertyName = Annotated[str, Meta(min_length=1, max_length=255)]


class CategoryEntry(Parameters, frozen=True, kw_only=True):
    """A part whose `property` equals (ALL) or begins with (PREFIX) `value` is of this category; case is ignored.

    `property` is an attribute (Name, ObjectType, Tag, PredefinedType, Description), "Class" for the IFC class,
    "Type" for the name of the type object, "Material", "Profile", a property, or a property with its set before a dot.
    """

    category: Category
    property: PropertyName
    match: Match = "ALL"
    value: Label

    def hits(self, facts: Facts) -> bool:
        """Whether this entry speaks of an element with these facts."""
        found = facts.get(self.property)
        if found is None:
            return False
        text, wanted = found.casefold().strip(), self.value.casefold().strip()
        return text == wanted if self.match == "ALL" else text.startswith(wanted)


class PropertyEntry(Parameters, frozen=True, kw_only=True):
    """Where a value of a part stands; of several entries for one field the first that has a value counts."""

    field: Field
    property: PropertyName


class ParsingSetup(Parameters, frozen=True, kw_only=True):
    """How the elements of a file are understood.

    Attributes:
        categories: several entries of one category: any hit counts; of several categories the first entry that hits.
        by_position: parts that no entry names get their category from how they lie in the panel, and their zone from
            the layer that they lie in.
    """

    name: Label = ""
    categories: tuple[CategoryEntry, ...] = ()
    properties: tuple[PropertyEntry, ...] = ()
    by_position: bool = True

    def category(self, facts: Facts) -> Category:
        """The category of an element, empty when no entry hits."""
        for entry in self.categories:
            if entry.hits(facts):
                return entry.category
        return ""

    def value(self, field: Field, facts: Facts) -> str:
        """The text of a part's field, empty when the source has none."""
        for entry in self.properties:
            if entry.field == field:
                found = facts.get(entry.property)
                if found:
                    return found
        return ""


OWN_SET = "Fabwright_Part"
"""The property set in which our own writer keeps what IFC has no place for."""
PANEL_SET = "Fabwright_Panel"
ATTRIBUTE_SET = "Fabwright_Attributes"
PROCESSING_SET = "Fabwright_Processings"


def _entries(category: Category, prop: str, match: Match, *values: str) -> list[CategoryEntry]:
    return [CategoryEntry(category=category, property=prop, match=match, value=value) for value in values]


DEFAULT_SETUP = ParsingSetup(
    name="default",
    categories=(
        *(
            CategoryEntry(category=category, property=f"{OWN_SET}.Category", value=category)
            for category in get_args(Category)
            if category
        ),
        *_entries("stud", "PredefinedType", "ALL", "STUD", "POST"),
        *_entries("rafter", "PredefinedType", "ALL", "RAFTER"),
        *_entries("joist", "PredefinedType", "ALL", "JOIST"),
        *_entries("header", "PredefinedType", "ALL", "LINTEL"),
        *_entries("cladding", "PredefinedType", "ALL", "CLADDING"),
        *_entries("membrane", "PredefinedType", "ALL", "MEMBRANE"),
        *_entries("insulation", "PredefinedType", "ALL", "INSULATION"),
        *(
            entry
            for prop in ("Reference", "Name", "ObjectType")
            for entry in (
                *_entries("extra_top", prop, "PREFIX", "EXTRA TOP", "EXTRATOP", "EXTRA_TOP"),
                *_entries("extra_bottom", prop, "PREFIX", "EXTRA BOTTOM", "EXTRABOTTOM", "EXTRA_BOTTOM"),
                *_entries("top_rail", prop, "PREFIX", "TOPRAIL", "TOP RAIL", "TOP_RAIL", "TOP PLATE", "TOPPLATE"),
                *_entries("bottom_rail", prop, "PREFIX", "BOTTOMRAIL", "BOTTOM RAIL", "BOTTOM_RAIL", "BOTTOM PLATE"),
                *_entries("bottom_rail", prop, "PREFIX", "SOLE PLATE", "SILL PLATE"),
                *_entries("header", prop, "PREFIX", "HEADER", "LINTEL"),
                *_entries("stud", prop, "PREFIX", "STUD", "KING", "TRIMMER", "CRIPPLE"),
                *_entries("rafter", prop, "PREFIX", "RAFTER"),
                *_entries("joist", prop, "PREFIX", "JOIST"),
                *_entries("blocking", prop, "PREFIX", "BLOCKING", "NOGGING", "NOGGIN"),
                *_entries("insulation", prop, "PREFIX", "INSULATION"),
                *_entries("membrane", prop, "PREFIX", "MEMBRANE", "FOIL"),
                *_entries("cladding", prop, "PREFIX", "CLADDING"),
            )
        ),
    ),
    properties=(
        PropertyEntry(field="reference", property=f"{OWN_SET}.Reference"),
        PropertyEntry(field="reference", property="Pset_MemberCommon.Reference"),
        PropertyEntry(field="reference", property="Pset_BeamCommon.Reference"),
        PropertyEntry(field="reference", property="Pset_ColumnCommon.Reference"),
        PropertyEntry(field="reference", property="Pset_PlateCommon.Reference"),
        PropertyEntry(field="reference", property="Pset_CoveringCommon.Reference"),
        PropertyEntry(field="zone", property=f"{OWN_SET}.Zone"),
        PropertyEntry(field="zone", property="Zone"),
        PropertyEntry(field="material", property=f"{OWN_SET}.Material"),
        PropertyEntry(field="material", property="Material"),
        PropertyEntry(field="grade", property=f"{OWN_SET}.Grade"),
        PropertyEntry(field="grade", property="StrengthClass"),
        PropertyEntry(field="grade", property="Grade"),
        PropertyEntry(field="grade", property="TimberGrade"),
        PropertyEntry(field="article", property=f"{OWN_SET}.Article"),
        PropertyEntry(field="article", property="Article"),
        PropertyEntry(field="article", property="ObjectType"),
        PropertyEntry(field="quantity", property=f"{OWN_SET}.Quantity"),
        PropertyEntry(field="quantity", property="Quantity"),
        PropertyEntry(field="spacing", property=f"{OWN_SET}.Spacing"),
        PropertyEntry(field="spacing", property="Spacing"),
        PropertyEntry(field="milling_depth", property="MillingDepth"),
        PropertyEntry(field="panel", property="Panel"),
    ),
)
