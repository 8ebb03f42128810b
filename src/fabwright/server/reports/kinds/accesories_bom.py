"""`accesories_bom` (spelled as in the protocol): hardware by article."""

from typing import TYPE_CHECKING

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Order, Progress
from fabwright.server.reports.kinds.bills import Bill, BomOptions, bom_of

if TYPE_CHECKING:
    from fabwright.documents.accessories_bom import AccessoriesBomOptions


class Settings(BomOptions):
    def document(self) -> "AccessoriesBomOptions":
        """The document's own options."""
        from fabwright.documents.accessories_bom import AccessoriesBomOptions

        return AccessoriesBomOptions(**self.shared())


class AccessoriesBom(Bill[Settings]):
    document_type = "accesories_bom"
    title = "Accessories BoM"
    sentence = "Hardware of a selection by article, with counts."
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.accessories_bom import accessories_bom

        return accessories_bom(bom_of(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.documents.accessories_bom import verify_accessories_bom

        verify_accessories_bom(files, bom_of(order), options.document())


KIND = AccessoriesBom()
