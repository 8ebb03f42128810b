"""Work on geometry that a request does not wait for."""

from fabwright.errors import FabwrightError
from fabwright.server.catalog import services
from fabwright.server.catalog.derived import derive_files
from fabwright.server.catalog.models import Geometry
from fabwright.server.files.stores import store
from fabwright.server.jobs.api import run_limited, task

TIME_LIMIT_S = 300.0


@task(name="catalog.derive_geometry")
def derive_geometry(geometry: int) -> None:
    """Viewer file, thumbnail and measures of an uploaded mesh."""
    row = Geometry.objects.filter(pk=geometry).first()
    if row is not None and row.status == Geometry.Status.WAITING:
        derive(row)


def derive(row: Geometry) -> None:
    """Makes what is derived from a geometry, in the child process; a mesh that cannot be read ends in ERROR."""
    try:
        mesh, glb, picture = run_limited(derive_files, store().read(row.blob), row.file_name, time_limit_s=TIME_LIMIT_S)
    except FabwrightError as error:
        services.geometry_fail(geometry=row, message=str(error))
    else:
        services.geometry_publish(geometry=row, mesh=mesh, glb=glb, thumbnail=picture)
