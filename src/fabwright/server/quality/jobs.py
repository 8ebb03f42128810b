"""Measuring, which a request does not wait for."""

from fabwright.server.jobs.api import task
from fabwright.server.quality import inspections


@task(name="quality.inspect")
def inspect_scan(company: str, scan: str, report: str, name: str, profile: str, at: str) -> None:
    """Measures scanned geometry; the report `report` appears, whatever comes of it."""
    order = {"company": company, "scan": scan, "report": report, "name": name, "profile": profile, "at": at}
    inspections.carry_out(inspections.Order.from_job(order))
