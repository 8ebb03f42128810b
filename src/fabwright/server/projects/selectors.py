"""Reads: projects and parsing setups as the API shows them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.db.models import F, QuerySet

from fabwright.formats.ifc.setup import DEFAULT_SETUP, ParsingSetup
from fabwright.server.projects.models import BtlParsingSetup, IfcParsingSetup, Project

type Row = Mapping[str, Any]

_PROJECT = (
    "uuid", "created", "modified", "name", "client_name", "project_number", "super_project", "phases",
    "ifc_parsing_setup", "btl_parsing_setup", "meta", "start_date", "delivery_date", "archived",
)  # fmt: skip


def project_rows(projects: QuerySet[Project]) -> list[Row]:
    """Projects as the API shows them; one query."""
    return list(projects.values(*_PROJECT, stdlib=F("is_stdlib")))


def ifc_parsing_setup_rows(setups: QuerySet[IfcParsingSetup]) -> list[Row]:
    """IFC parsing setups as the API shows them; one query."""
    return list(setups.values("uuid", "created", "modified", "name", "categories", "properties", "by_position"))


def btl_parsing_setup_rows(setups: QuerySet[BtlParsingSetup]) -> list[Row]:
    """BTL parsing setups as the API shows them; one query."""
    return list(setups.values("uuid", "created", "modified", "name", "attributes"))


def parsing_setup_of(project: Project) -> ParsingSetup:
    """How IFC files of the project are read: its own setup, else the one that suits most files."""
    row = project.ifc_parsing_setup
    return DEFAULT_SETUP if row is None else parsing_setup(row)


def parsing_setup(row: IfcParsingSetup) -> ParsingSetup:
    """The library's setup of a stored one."""
    return msgspec.convert(
        {
            "name": row.name,
            "categories": row.categories,
            "properties": row.properties,
            "by_position": row.by_position,
        },
        ParsingSetup,
    )


def btl_attributes_of(project: Project) -> dict[str, str]:
    """Field of a part -> name of the user attribute that carries it, in BTL files of the project."""
    row = project.btl_parsing_setup
    return {} if row is None else {entry["field"]: entry["attribute"] for entry in row.attributes}
