"""The fixed list of machine models, and which document types each of them reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DOCUMENT_TYPES_OF_MACHINES = (
    "wood_btl",
    "wood_bvx",
    "plates_xcs",
    "plates_ardis",
    "plates_cix",
    "plates_ptx",
    "plates_dxf",
    "panel_mob1",
    "panel_mob2",
    "frame_mtf",
    "frame_nailer_csv",
)
_PLATES = tuple(name for name in DOCUMENT_TYPES_OF_MACHINES if name.startswith("plates_"))


@dataclass(frozen=True, slots=True)
class MachineModel:
    """A model: the name it has in payloads, its name for people, and the document types it reads."""

    key: str
    title: str
    document_types: tuple[str, ...]


MODELS: dict[str, MachineModel] = {
    model.key: model
    for model in (
        MachineModel("mobi_one", "Mobi One", ("panel_mob1",)),
        MachineModel("mobi_one_v2", "Mobi One V2", ("panel_mob2",)),
        MachineModel("robobrick", "Robobrick", ("panel_mob2",)),
        MachineModel("isolation_machine", "Isolation Machine", ("panel_mob2",)),
        MachineModel("hm_truss_master", "H&M Truss Master", ("wood_btl",)),
        MachineModel("hundegger_speed_cut", "Hundegger Speed-Cut", ("wood_btl", "wood_bvx")),
        MachineModel("hundegger_turbo_drive", "Hundegger Turbo-Drive", ("wood_btl", "wood_bvx")),
        MachineModel("gabbiani_s95_38", "Gabbiani S95-38", ("plates_xcs", "plates_ardis")),
        MachineModel("generic_plates", "Generic plate machine", _PLATES),
        MachineModel("biesse", "Biesse CNC", ("plates_cix",)),
        MachineModel("panel_saw", "Panel saw", ("plates_ptx",)),
        MachineModel("frame_nailer", "Frame nailer", ("frame_nailer_csv",)),
        MachineModel("roof_frame", "Roof frame machine", ("frame_mtf",)),
    )
}


type SetupCheck = Callable[[str, dict[str, Any]], str]

_checks: list[SetupCheck] = []


def on_setup(check: SetupCheck) -> SetupCheck:
    """Registers who knows the options of document types: a function of a document type and the options that a machine's
    setup holds for it, which says what is wrong with them, or nothing. So this room need not know the kinds of reports.
    """
    _checks.append(check)
    return check


def setup_problems(setup: dict[str, dict[str, Any]]) -> list[str]:
    """What is wrong with the options in a setup; each sentence names document type and option."""
    said = [check(document_type, options) for document_type, options in setup.items() for check in _checks]
    return [problem for problem in said if problem]
