"""Reads: projects and parsing setups as the API shows them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.db.models import QuerySet

from fabwright.formats.ifc.setup import DEFAULT_SETUP, ParsingSetup
from fabwright.server.projects.json_rows import json_rows, time_of
from fabwright.server.projects.models import BtlParsingSetup, IfcParsingSetup, Project

type Row = Mapping[str, Any]

_PROJECTS = f"""
SELECT project.uuid, {time_of("project.created")}, {time_of("project.modified")}, project.name, project.client_name,
       project.project_number, project.super_project, project.phases,
       project.ifc_parsing_setup_id AS ifc_parsing_setup, project.btl_parsing_setup_id AS btl_parsing_setup,
       project.meta, project.start_date, project.delivery_date, project.archived, project.is_stdlib AS stdlib
  FROM wanted JOIN projects_project AS project USING (uuid)
 ORDER BY wanted.place
"""


def project_rows(projects: QuerySet[Project]) -> list[msgspec.Raw]:
    """Projects as the API shows them; one query."""
    return json_rows(projects, _PROJECTS)


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
