"""Reads: projects and parsing setups as the API shows them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.db.models import QuerySet

from fabwright.formats.ifc.setup import DEFAULT_SETUP, ParsingSetup
from fabwright.server.common.json_text import moment, object_of, plain, quoted, text
from fabwright.server.projects.json_rows import text_rows
from fabwright.server.projects.models import BtlParsingSetup, IfcParsingSetup, Project

type Row = Mapping[str, Any]

_PROJECT = object_of(
    uuid=quoted("project.uuid"),
    created=moment("project.created"),
    modified=moment("project.modified"),
    name=text("project.name"),
    client_name=text("project.client_name"),
    project_number=text("project.project_number"),
    super_project=text("project.super_project"),
    phases=text("project.phases"),
    ifc_parsing_setup=quoted("project.ifc_parsing_setup_id"),
    btl_parsing_setup=quoted("project.btl_parsing_setup_id"),
    meta=plain("project.meta"),
    start_date=text("project.start_date"),
    delivery_date=text("project.delivery_date"),
    archived=plain("project.archived"),
    stdlib=plain("project.is_stdlib"),
)
_PROJECTS = f" SELECT {_PROJECT} FROM wanted JOIN projects_project AS project USING (uuid) ORDER BY wanted.place"


def project_rows(projects: QuerySet[Project]) -> list[msgspec.Raw]:
    """Projects as the API shows them; one query."""
    return text_rows(projects, _PROJECTS)


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
    """The library's setup of a stored one. An empty list stands for the entries that suit most files."""
    stored = {"name": row.name, "categories": row.categories, "properties": row.properties}
    setup = msgspec.convert({**stored, "by_position": row.by_position}, ParsingSetup)
    return msgspec.structs.replace(
        setup,
        categories=setup.categories or DEFAULT_SETUP.categories,
        properties=setup.properties or DEFAULT_SETUP.properties,
    )


def btl_attributes_of(project: Project) -> dict[str, str]:
    """Field of a part -> name of the user attribute that carries it, in BTL files of the project."""
    row = project.btl_parsing_setup
    return {} if row is None else {entry["field"]: entry["attribute"] for entry in row.attributes}
