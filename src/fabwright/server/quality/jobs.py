"""Measuring, which a request does not wait for."""

from fabwright.server.jobs.api import RECOGNITION, task
from fabwright.server.quality import inspections, photographs


@task(name="quality.inspect")
def inspect_scan(company: str, scan: str, report: str, name: str, profile: str, at: str) -> None:
    """Measures scanned geometry; the report `report` appears, whatever comes of it."""
    order = {"company": company, "scan": scan, "report": report, "name": name, "profile": profile, "at": at}
    inspections.carry_out(inspections.Order.from_job(order))


@task(RECOGNITION, name="quality.inspect_photos", priority=-1)
def inspect_photos(company: str, scan: str, report: str, name: str, profile: str, at: str) -> None:
    """Measures a piece on its photos, when no scan waits to be recognised; the report `report` appears."""
    order = {"company": company, "scan": scan, "report": report, "name": name, "profile": profile, "at": at}
    photographs.carry_out(inspections.Order.from_job(order))
