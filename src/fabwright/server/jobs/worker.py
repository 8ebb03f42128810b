"""The worker program: runs jobs, one heavy at a time and many deliveries, until it is told to stop."""

import asyncio
import itertools
import logging
import os
import signal
from collections.abc import Sequence
from typing import cast

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.worker import Worker

from fabwright.server.jobs.api import DELIVERIES, HEAVY, RECOGNITION
from fabwright.server.jobs.limited import stop_child
from fabwright.server.jobs.recovery import (
    HEARTBEAT_S,
    LOOK_S,
    SILENT_S,
    SWEEP_EVERY,
    forget_workers,
    sweep_all,
    take_over_stalled_jobs,
)

log = logging.getLogger("fabwright.worker")

GRACE_S = 6.0  # a stop waits this long for running jobs; then they go back into the queue
CONCURRENCY = {HEAVY: 1, RECOGNITION: 1, DELIVERIES: 32}


def run(queues: Sequence[str] = (HEAVY, RECOGNITION, DELIVERIES)) -> None:
    """Works until SIGTERM or SIGINT. Returns when all is handed back or finished."""
    asyncio.run(_run(queues))


async def _run(queues: Sequence[str]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector):
        async with app.open_async():
            workers = [_worker(queue, stop) for queue in queues]
            running = [asyncio.create_task(worker.run()) for worker in workers]
            recovery = asyncio.create_task(_recover(stop))
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait([*running, stopped], return_when=asyncio.FIRST_COMPLETED)
            for worker in workers:
                worker.stop()
            _, unfinished = await asyncio.wait(running, timeout=GRACE_S)
            recovery.cancel()
            if unfinished:
                await _hand_back(workers)
            for task in running:
                if task.done() and (error := task.exception()):
                    raise error


def _worker(queue: str, stop: asyncio.Event) -> Worker:
    return Worker(
        app=app,
        queues=[queue],
        name=f"{queue}-{os.getpid()}",
        concurrency=CONCURRENCY.get(queue, 1),
        install_signal_handlers=False,
        fetch_job_polling_interval=1.0,
        update_heartbeat_interval=HEARTBEAT_S,
        stalled_worker_timeout=SILENT_S,
        delete_jobs="successful",
        additional_context={"stopping": stop},  # long jobs may end early and in order
        task_middleware=app.worker_defaults.get("task_middleware"),
    )


async def _recover(stop: asyncio.Event) -> None:
    for number in itertools.count():
        if stop.is_set():
            return
        try:
            taken = await asyncio.to_thread(_in_own_connection, number % SWEEP_EVERY == SWEEP_EVERY - 1)
            if taken:
                log.warning("took over jobs of silent workers: %s", taken)
        except Exception:  # the database may be away for a while; the next look tries again
            log.exception("could not look for stalled jobs")
        await asyncio.sleep(LOOK_S)


def _in_own_connection(with_sweep: bool) -> list[int]:
    close_old_connections()
    try:
        taken = take_over_stalled_jobs()
        if with_sweep:
            sweep_all()
        return taken
    finally:
        connection.close()


async def _hand_back(workers: Sequence[Worker]) -> None:
    """The running jobs do not end in time: give them back and leave without them."""
    ids = [worker.worker_id for worker in workers if worker.worker_id is not None]
    await asyncio.to_thread(forget_workers, ids)
    log.warning("stopped while jobs were running; they go back into the queue")
    stop_child()
    os._exit(0)
