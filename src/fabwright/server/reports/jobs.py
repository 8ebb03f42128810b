"""The job that makes a version of a report."""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from fabwright.errors import FabwrightError
from fabwright.server.files.stores import store
from fabwright.server.jobs.api import SURROUNDINGS, ChildFailed, run_limited, sweep, task
from fabwright.server.jobs.points import reached
from fabwright.server.reports import publishing
from fabwright.server.reports.making import Made, make_verified
from fabwright.server.reports.models import Status, Version
from fabwright.server.reports.orders import order_of
from fabwright.server.reports.publishing import Claim

log = logging.getLogger("fabwright.reports")

TIME_LIMIT_S = 900.0
_PROGRESS_EVERY_S = 0.5
_ABANDONED_S = 120.0


@task(name="reports.make")
def make_version(version: str) -> None:
    """Makes one version and publishes it once. Safe to run any number of times, also at the same time."""
    reached("report.job_started")
    claim = publishing.take_up(UUID(version))
    if claim is None:
        return
    reached("report.taken_up")
    if claim.attempt > publishing.MOST_ATTEMPTS:
        publishing.fail(claim, code="work_failed", message=f"{claim.attempt - 1} workers died while making this")
        return
    try:
        _make(claim)
    except FabwrightError as error:
        publishing.fail(claim, code=error.code, message=str(error), details={"where": error.where})
    except MemoryError:
        publishing.fail(claim, code=ChildFailed.code, message="making this needs more memory than is allowed")
    except SURROUNDINGS:
        raise  # the database or the file store is away: the queue tries again later
    except Exception:
        log.exception("version %s could not be made", version)
        publishing.fail(
            claim, code="internal", message=f"an unexpected error; the server's log tells more (version {version})"
        )


@sweep
def end_abandoned() -> None:
    """Versions that nobody works on any more, because their job has used up its tries, end with a reason."""
    long_ago = timezone.now() - timedelta(seconds=_ABANDONED_S)
    unfinished = Version.objects.filter(status__in=[Status.WAITING, Status.RUNNING], created__lt=long_ago)
    for version, attempt in unfinished.values_list("pk", "attempt"):
        jobs = ProcrastinateJob.objects.filter(
            task_name="reports.make", args__version=str(version), status__in=["todo", "doing"]
        )
        if not jobs.exists():
            claim = publishing.take_up(version)
            if claim is not None and claim.attempt == attempt + 1:
                publishing.fail(claim, code="work_failed", message="the work was given up after too many faults")


def _make(claim: Claim) -> None:
    row = Version.objects.select_related("report__project", "company").get(pk=claim.version)
    order, sources = order_of(row.report)
    reached("report.order_read")
    made: Made = run_limited(make_verified, order, time_limit_s=TIME_LIMIT_S, on_progress=_shower(claim))
    reached("report.made")
    folder = f"{row.company_id}/{row.cloud_folder}"
    key = f"{folder}/{claim.attempt}/{made.file.name}"
    store().put(key, made.file.content, content_type=_content_type(made.file.name))
    reached("report.stored")
    is_published = publishing.publish(
        claim,
        name=made.file.name,
        short_name=made.file.name.rpartition(" - ")[2],
        key=key,
        size=len(made.file.content),
        sha256=hashlib.sha256(made.file.content).hexdigest(),
        sources=sources,
    )
    reached("report.published")
    if is_published:
        for earlier in range(1, claim.attempt):  # what workers that died on the way had stored already
            store().delete_prefix(f"{folder}/{earlier}/")
    else:
        log.info("version %s was taken over by another worker; dropping this copy", claim.version)
        store().delete(key)


def _shower(claim: Claim) -> Callable[[float, str], None]:
    last_s = 0.0

    def show(percent: float, note: str) -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= _PROGRESS_EVERY_S:
            last_s = time.monotonic()
            publishing.show_progress(claim, percent, note)

    return show


def _content_type(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return {
        "pdf": "application/pdf",
        "zip": "application/zip",
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }.get(ending, "application/octet-stream")
