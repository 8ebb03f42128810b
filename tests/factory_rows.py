"""Rows of a small factory for tests that go to the database directly: designs from real panels, things to build."""

from dataclasses import dataclass
from typing import Any

from fabwright.demo.house import build_house
from fabwright.server.common.models import Company
from fabwright.server.designs.models import Design, Kind
from fabwright.server.designs.reading import read_panel
from fabwright.server.designs.revisions import Content, store_contents
from fabwright.server.designs.services import design_create
from fabwright.server.production.models import Batch, Constructible, Machine, PartBatch, PartBatchItem, ProductionLine
from fabwright.server.projects.models import Project
from fabwright.timber import Panel


def analysed_design(project: Project, panel: Panel, *, file_hash: str = "0" * 64) -> Design:
    """A design whose panel and parts have been read."""
    design = design_create(company=project.company, kind=Kind.ASSEMBLY, project=project, name=panel.name)
    store_contents([Content(design, read_panel(panel), file_hash, [])])
    return design


@dataclass
class Factory:
    """A company with a project, a batch, things to build and machines."""

    company: Company
    project: Project
    batch: Batch
    designs: list[Design]
    assemblies: list[Constructible]
    machines: dict[str, Machine]
    line: ProductionLine

    def payload(self, document_type: str = "plates_ardis", **more: Any) -> dict[str, Any]:
        """A payload that launches; `meta` is merged."""
        meta = dict(more.pop("meta", {}))
        if document_type in self.machines:
            meta.setdefault("machine_uuid", str(self.machines[document_type].pk))
        return {
            "name": f"test {document_type}",
            "document_type": document_type,
            "project": str(self.project.pk),
            "selected_assemblies": [str(assembly.pk) for assembly in self.assemblies],
            "meta": meta,
            **more,
        }

    def part_batch(self, *picks: tuple[Constructible, int]) -> PartBatch:
        """A part batch of the parts at these positions of these assemblies."""
        batch = PartBatch.objects.create(company=self.company, project=self.project, name="picked")
        for position, (assembly, at) in enumerate(picks):
            part = assembly.design.parts.get(position=at)
            PartBatchItem.objects.create(part_batch=batch, part=part, assembly=assembly, position=position)
        return batch


def factory_of(company: Company, *, panels: int = 2) -> Factory:
    """The first `panels` panels of the demo house, one assembly each, in one batch."""
    project = Project.objects.create(company=company, name="Larch house", phases=["Walls"])
    batch = Batch.objects.create(company=company, project=project, phase="Walls", name="Walls 1")
    designs = [analysed_design(project, panel) for panel in build_house()[:panels]]
    assemblies = [
        Constructible.objects.create(
            company=company, kind=Kind.ASSEMBLY, project=project, batch=batch, design=design, name=design.name
        )
        for design in designs
    ]
    machines = {
        "wood_btl": Machine.objects.create(company=company, name="Saw", model="hundegger_speed_cut"),
        "plates_ardis": Machine.objects.create(company=company, name="Panel saw", model="gabbiani_s95_38"),
    }
    line = ProductionLine.objects.create(company=company, name="Wall line", tipo=["timber_panel"])
    return Factory(company, project, batch, designs, assemblies, machines, line)
