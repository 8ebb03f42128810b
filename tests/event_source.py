"""Changes that make events, as an app would: `event_source.py COMPANY COUNT SUBJECTS PER_SECOND OUT EVENT`.

Runs beside a service, on its database, in the environment of the service. Each event is a transaction of its own; when
it is committed, a line (time, id, subject, step) is written to OUT.
"""

import os
import sys
import time
import uuid
from pathlib import Path

from fabwright.server.database import use_database


def run(company_name: str, count: int, subjects: int, per_second: float, out: Path, event: str) -> None:
    """Makes `count` events about so many subjects in turn, evenly spread over time."""
    from django.db import transaction

    from fabwright.server.common.models import Company
    from fabwright.server.webhooks.models import Message
    from fabwright.server.webhooks.services import emit

    company = Company.objects.get(name=company_name)
    names = [str(uuid.uuid4()) for _ in range(subjects)]
    begun = time.monotonic()
    with out.open("a", buffering=1) as file:
        for number in range(count):
            time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
            subject, step = names[number % subjects], number // subjects
            changed_at = time.time()
            with transaction.atomic():
                emit(company=company, event=event, data={**PAYLOAD, "uuid": subject, "step": step})
                uid = Message.objects.filter(company=company, subject__endswith=subject).latest("pk").uid
            file.write(f"{changed_at} msg_{uid.hex} {subject} {step}\n")


# As long as the payload of a real scan.
PAYLOAD = {
    "url": "/api/scan/21fb49b0-1d60-11f1-90cb-2d9ab9fdf55d/",
    "design_material": "193d3830c6e41e3f3cc8114508119fedd08d04f7_SLS_PAGF_GREY",
    "scan_urls": [f"/data/scans/21fb49b0-1d60-11f1-90cb-2d9ab9fdf55d/scan_cam{n:02d}.png" for n in range(1, 6)],
    "scan_urls_full": [f"/api/scan/21fb49b0-1d60-11f1-90cb-2d9ab9fdf55d/full_image/{n}/" for n in range(1, 6)],
    "assignment": {"part_id": "2471584", "part_title": "bracket", "copies": 1, "manual": False},
    "batch": {"id": "240", "title": "Tray 240"},
    "qc_pass": None,
}

if __name__ == "__main__":
    import django

    held = use_database(Path(os.environ["FABWRIGHT_DATA"]), stop_with_us=False)
    os.environ["DJANGO_SETTINGS_MODULE"] = "fabwright.server.settings"
    django.setup()
    name, count_, subjects_, rate_, out_, event_ = sys.argv[1:7]
    run(name, int(count_), int(subjects_), float(rate_), Path(out_), event_)
