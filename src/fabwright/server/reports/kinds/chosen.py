"""What lists with columns of the user's choice share."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Options, Order, Progress
from fabwright.server.reports.kinds.bills import Bill, Filter, bom_of
from fabwright.server.reports.kinds.grouping import BomGrouping, grouping_field

if TYPE_CHECKING:
    from fabwright.documents.custom_lists import CustomCsvOptions
    from fabwright.timber import Branch


def _keys(value: Any) -> Any:
    """A column may be given as its key, or as `{"field": key}`."""
    if not isinstance(value, list):
        return value
    return [one["field"] if isinstance(one, dict) and set(one) == {"field"} else one for one in value]


Columns = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=255)], ...], BeforeValidator(_keys), Field(max_length=60)
]


class ListOptions(Options):
    grouping: BomGrouping = grouping_field("selected")
    """One list of all (selected), one for each batch, or one for each assembly (panels)."""
    columns: Columns = ()
    """Keys of the columns in order, or "attribute:NAME"; none = the usual ones."""
    merge: bool = True
    """Rows that differ in nothing but what sums become one."""
    sort_by: Columns = ()
    """Keys of chosen columns; the first rules."""
    material_filter: Filter = ()
    """Materials to list; none = all."""

    def shared(self) -> dict[str, Any]:
        """The options as keyword arguments of the document's own."""
        return {name: getattr(self, name) for name in ListOptions.model_fields}


class CsvOptions(ListOptions):
    separator: Literal[";", ",", "\t", "|"] = ";"
    """Between cells."""
    decimal_sign: Literal[".", ","] = "."
    """Of numbers."""
    encoding: Literal["utf-8-sig", "utf-8", "cp1252"] = "utf-8-sig"
    """Of the text; utf-8-sig is what spreadsheets recognise."""
    header: bool = True
    """Titles in the first row."""

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
