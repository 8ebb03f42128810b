"""What lists with columns of the user's choice share."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, ValidationInfo, field_validator

from fabwright.documents.column_keys import ATTRIBUTE, KEYS
from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Options, Order, Progress
from fabwright.server.reports.kinds.bills import Bill, Filter, bom_of
from fabwright.server.reports.kinds.grouping import BomGrouping, grouping_field

if TYPE_CHECKING:
    from fabwright.documents.custom_lists import CustomCsvOptions
    from fabwright.timber import Branch


Key = Annotated[str, Field(min_length=1, max_length=255)]


class ColumnChoice(BaseModel):
    """A column: its key or "attribute:NAME", and a title where the usual one does not suit."""

    field: Key
    title: Annotated[str, Field(max_length=255)] = ""

    @field_validator("field")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value in KEYS or (value.startswith(ATTRIBUTE) and value != ATTRIBUTE):
            return value
        raise ValueError(f"{value!r} is no column; there are {', '.join(KEYS)} and {ATTRIBUTE}NAME")


def _choice(value: Any) -> Any:
    """A column may be given as its key alone."""
    return {"field": value} if isinstance(value, str) else value


Columns = Annotated[tuple[Annotated[ColumnChoice, BeforeValidator(_choice)], ...], Field(max_length=60)]


class ListOptions(Options):
    grouping: BomGrouping = grouping_field("selected")
    """One list of all (selected), one for each batch, or one for each assembly (panels)."""
    columns: Columns = ()
    """Columns in order, each a key, "attribute:NAME", or an object with `field` and `title`; none = the usual ones."""
    merge: bool = True
    """Rows that differ in nothing but what sums become one."""
    sort_by: Annotated[tuple[Key, ...], Field(max_length=60)] = ()
    """Keys of chosen columns; the first rules."""
    material_filter: Filter = ()
    """Materials to list; none = all."""

    def shared(self) -> dict[str, Any]:
        """The options as keyword arguments of the document's own."""
        return {
            **{name: getattr(self, name) for name in ListOptions.model_fields},
            "columns": tuple(one.field for one in self.columns),
            "titles": {one.field: one.title for one in self.columns if one.title},
        }

    @field_validator("columns")
    @classmethod
    def _once(cls, value: tuple[ColumnChoice, ...]) -> tuple[ColumnChoice, ...]:
        keys = [one.field for one in value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice:
            raise ValueError(f"{twice!r} stands twice")
        return value

    @field_validator("sort_by")
    @classmethod
    def _is_chosen(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        chosen = {one.field for one in info.data.get("columns", ())}
        missing = next((key for key in value if chosen and key not in chosen), None)
        if missing:
            raise ValueError(f"{missing!r} is not among the chosen columns")
        return value


def other_than_separator(value: str, info: ValidationInfo) -> str:
    """A decimal sign that stands between cells too would cut numbers in two.

    Raises:
        ValueError: it is the separator.
    """
    if value == info.data.get("separator"):
        raise ValueError("must not be the separator")
    return value


class CsvOptions(ListOptions):
    separator: Literal[";", ",", "\t", "|"] = ";"
    """Between cells."""
    decimal_sign: Literal[".", ","] = Field(".", validation_alias=AliasChoices("decimal_sign", "decimal"))
    """Of numbers."""
    encoding: Literal["utf-8-sig", "utf-8", "cp1252"] = "utf-8-sig"
    """Of the text; utf-8-sig is what spreadsheets recognise."""
    header: bool = True
    """Titles in the first row."""

    @field_validator("decimal_sign")
    @classmethod
    def _is_no_separator(cls, value: str, info: ValidationInfo) -> str:
        return other_than_separator(value, info)

    def document(self) -> "CustomCsvOptions":
        """The document's own options."""
        from fabwright.documents.custom_lists import CustomCsvOptions

        return CustomCsvOptions(
            **self.shared(),
            separator=self.separator,
            decimal_sign=self.decimal_sign,
            encoding=self.encoding,
            header=self.header,
        )


class CustomCsv(Bill[CsvOptions]):
    """The three CSV lists; each names its branch."""

    options = CsvOptions
    branch: "Branch"

    def make(self, order: Order, options: CsvOptions, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.custom_lists import custom_csv

        return custom_csv(bom_of(order), self.branch, options.document())

    def verify(self, order: Order, options: CsvOptions, files: tuple[File, ...]) -> None:
        from fabwright.documents.custom_lists import verify_custom_csv

        verify_custom_csv(files, bom_of(order), self.branch, options.document())
