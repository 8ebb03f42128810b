"""The stations of a production line, as kinds see them."""

from typing import Any

from fabwright.server.production.machines import MODELS
from fabwright.server.production.models import ProductionLine


def stations_of(line: ProductionLine) -> tuple[dict[str, Any], ...]:
    """Name, zones, and model and setup of the machine of every station, in their order; for a line that was read with
    `stations__machine`, without a further query.
    """
    return tuple(
        {
            "name": station.name,
            "zones": list(station.zones),
            "machine_model": station.machine.model if station.machine else "",
            "setup": station.machine.setup if station.machine else {},
        }
        for station in line.stations.all()
    )


def setup_of(line: ProductionLine, document_type: str) -> dict[str, Any]:
    """What the first machine of the line that reads a document type says for it; empty where there is none."""
    for station in line.stations.all():
        if station.machine and document_type in MODELS[station.machine.model].document_types:
            setup: dict[str, Any] = station.machine.setup.get(document_type) or {}
            return setup
    return {}
