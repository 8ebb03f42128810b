"""The keys of `documents.columns`, apart from what the columns are made with: options are checked against them."""

ATTRIBUTE = "attribute:"
"""A column of this prefix and a name shows the attribute of that name."""

MOST_ON_PAPER = 14
"""Columns that a page has room for."""

KEYS: tuple[str, ...] = (
    "id",
    "reference",
    "name",
    "branch",
    "category",
    "article",
    "material",
    "grade",
    "section",
    "length",
    "width",
    "height",
    "thickness",
    "diameter",
    "quantity",
    "total_length",
    "gross_area",
    "net_area",
    "volume",
    "work",
    "zone",
    "assembly",
    "wall_name",
    "design",
    "project",
    "batch",
    "phase",
    "uuid",
)
