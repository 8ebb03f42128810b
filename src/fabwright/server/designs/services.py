"""Writes: designs, packages and files."""

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, Unpack
from uuid import UUID, uuid4

from django.db import transaction

from fabwright.errors import InputError
from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.designs.models import Analysis, Category, Design, File, Import, Kind, Package
from fabwright.server.designs.selectors import DERIVED_META
from fabwright.server.designs.uploads import Checked
from fabwright.server.files.keys import blob_key, safe_name
from fabwright.server.files.stores import store
from fabwright.server.projects.models import Project

RESOURCES = "resources"


class DesignFields(TypedDict, total=False):
    """What a client may say of a design; values in `meta` that are derived are not stored."""

    name: str
    tipo: str
    meta: dict[str, Any]
    parent_designs: list[Design]


@transaction.atomic
def design_create(*, company: Company, kind: Kind, project: Project, **fields: Unpack[DesignFields]) -> Design:
    """A new design at revision 0, which waits for its IFC."""
    parents = fields.pop("parent_designs", [])
    design = Design(company=company, kind=kind, project=project, analysis_nonce=uuid4())
    _set(design, fields)
    design.save(force_insert=True)
    design.parent_designs.set(parents)
    return design


@transaction.atomic
def design_update(*, design: Design, **fields: Unpack[DesignFields]) -> Design:
    """Changes the given fields.

    Raises:
        InputError: the design would become its own parent.
    """
    if "parent_designs" in fields:
        parents = fields.pop("parent_designs")
        if any(parent.pk == design.pk for parent in parents):
            raise InputError("a design cannot be its own parent", where="parent_designs")
        design.parent_designs.set(parents)
    _set(design, fields)
    design.save(update_fields=["name", "tipo", "meta", "modified"])  # the others belong to the analysis
    return design


def _set(design: Design, fields: DesignFields) -> None:
    if "meta" in fields:
        design.meta = {name: value for name, value in fields["meta"].items() if name not in DERIVED_META}
    design.name = fields.get("name", design.name)
    design.tipo = fields.get("tipo", design.tipo)


@transaction.atomic
def design_delete(*, design: Design) -> None:
    """Deletes a design with its older revisions and files.

    Raises:
        Conflict: something to build is made from it.
    """
    built = design.constructibles.count()
    if built:
        raise Conflict(f"{built} things to build are made from this design; delete them first.")
    keys = list(File.objects.filter(package__design=design).values_list("key", flat=True))
    design.delete()
    _forget_blobs(keys)


@transaction.atomic
def file_delete(*, file: File) -> None:
    """Deletes a file. Panel and parts that were read from it stay."""
    key = file.key
    file.delete()
    _forget_blobs([key])


def _forget_blobs(keys: Iterable[str]) -> None:
    """Deletes blobs that no row names any more, once the transaction is certain."""
    wanted = set(keys)
    used = {*File.objects.filter(key__in=wanted).values_list("key", flat=True)}
    used |= {*Import.objects.filter(key__in=wanted).values_list("key", flat=True)}

    def forget() -> None:
        for key in wanted - used:
            store().delete(key)

    transaction.on_commit(forget)


@transaction.atomic
def package_get_or_create(*, design: Design, name: str) -> tuple[Package, bool]:
    """The package of this name of a design, and whether it was made."""
    return Package.objects.get_or_create(design=design, name=name, defaults={"company": design.company})


def file_add(*, design: Design, category: Category, file: Checked, package: str = RESOURCES) -> tuple[File, bool]:
    """Stores a checked file. An IFC makes a new revision (the first one does not) and starts the analysis; the same
    bytes again change nothing.

    Returns:
        The file, and whether it is new.

    Raises:
        Conflict: the design is an older revision.
    """
    _refuse_former(design)
    same = _same_file(design, category, file)
    if same is not None:
        return same, False
    uuid = uuid4()
    key = blob_key(
        design.company_id, str(design.project_id), "designs", str(design.pk), str(uuid), safe_name(file.name)
    )
    store().put(key, file.content, content_type=file.content_type)
    try:
        return _file_row(design.pk, uuid, category, file, package, key), True
    except BaseException:
        store().delete(key)
        raise


def _same_file(design: Design, category: Category, file: Checked) -> File | None:
    """The newest file of this category, when it has these bytes."""
    newest = File.objects.filter(package__design=design, category=category).order_by("-revision", "-created").first()
    if category != Category.IFC or newest is None or newest.sha256 != file.sha256:
        return None
    if design.analysis == Analysis.ERROR:
        analysis_start(design=design)
    return newest


@transaction.atomic
def _file_row(pk: UUID, uuid: UUID, category: Category, file: Checked, package: str, key: str) -> File:
    design = Design.objects.select_for_update(no_key=True).get(pk=pk)
    home, _ = package_get_or_create(design=design, name=package)
    if category == Category.IFC:
        if design.panel_hash or File.objects.filter(package__design=design, category=category).exists():
            design.revision += 1
        _wait_for_analysis(design)
    row = File.objects.create(
        uuid=uuid,
        company=design.company,
        package=home,
        category=category,
        name=file.name,
        revision=design.revision,
        key=key,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
    )
    design.save()
    return row


@transaction.atomic
def analysis_start(*, design: Design) -> None:
    """Reads the newest IFC of a design again (the parsing setup may have changed).

    Raises:
        Conflict: the design has no IFC, or is an older revision.
    """
    _refuse_former(design)
    row = Design.objects.select_for_update(no_key=True).get(pk=design.pk)
    if not File.objects.filter(package__design=row, category=Category.IFC).exists():
        raise Conflict("This design has no IFC file to analyse.")
    _wait_for_analysis(row)
    row.save()


def _wait_for_analysis(design: Design) -> None:
    """Marks the design and puts the job into the queue, in the caller's transaction."""
    from fabwright.server.designs.jobs import analyse  # the job calls back into this room

    design.analysis, design.analysis_nonce, design.analysis_attempt = Analysis.WAITING, uuid4(), 0
    design.analysis_progress, design.analysis_error = 0.0, ""
    analyse.defer(design=str(design.pk), nonce=str(design.analysis_nonce))


def _refuse_former(design: Design) -> None:
    if not design.is_latest:
        raise Conflict(f"This is an older revision; the newest one is {design.newest_id}.")


def designs_lock(*, project: Project, kind: Kind, names: Sequence[str]) -> dict[str, Design]:
    """The newest revisions of these names in a project, locked; of several of one name the youngest. To be called in a
    transaction; until it ends nobody else imports into the project.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    rows = Design.objects.select_for_update(no_key=True).filter(
        project=project, kind=kind, is_latest=True, name__in=names
    )
    return {design.name: design for design in rows.order_by("created", "uuid")}
