"""The checking side: bulk writes of parts, filtered lists under load, a batch query over a million parts."""

import http.client
import io
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import trimesh
from rich.console import Console
from rich.table import Table

from fabwright.server.database import EmbeddedDatabase
from tests.running_service import RunningService, started

ROUNDS = 5
CLIENTS = 8
LOAD_S = 10.0
ATTRIBUTES = ("tray", "next_step", "prev_step", "technology", "order")
STEPS = ("shipping", "dye_red", "dye_black")
FEW = "tray=4711&technology=SLS&copies__lt=4"
MANY = "next_step=shipping&technology=SLS&copies__lt=4"  # a tenth of all parts, of which the page shows 50

# The same terms that the service derives, made by the database itself: a million PUT rows would take minutes.
_MILLION = """
INSERT INTO catalog_part (company_id, key, uuid, title, copies, model_id, material_id, attributes, terms,
                          created, modified)
SELECT p.company_id, 'm' || n, gen_random_uuid(), 'Part ' || n, 1 + n %% 5, p.model_id, p.material_id, a.held,
       jsonb_build_object(
           'p', jsonb_build_object('id', 'm' || n, 'title', 'part ' || n),
           's', (SELECT jsonb_object_agg(k, jsonb_build_array(lower(v))) FROM jsonb_each_text(a.held) e(k, v)),
           'n', jsonb_build_object('order', jsonb_build_array(n / 4))),
       now(), now()
  FROM (SELECT * FROM catalog_part LIMIT 1) p, generate_series(1, %s) n,
       LATERAL (SELECT jsonb_build_object('tray', 'T' || n / 14, 'next_step', 'step' || n %% 3, 'order', n / 4,
                                          'technology', CASE n %% 2 WHEN 0 THEN 'SLS' ELSE 'MJF' END) held) a
"""


def main() -> None:
    """Prints the table: what was measured, median of five, the reach."""
    table = Table(title="The checking side, on this machine")
    for column in ("work", "measured", "reach"):
        table.add_column(column, justify="left" if column == "work" else "right")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        with started(data, workers=1) as service, service.client() as client:
            _configure(client)
            for count, reach in ((1_000, "150 ms"), (10_000, "1500 ms")):
                new, again = _puts(client, count)
                table.add_row(f"PUT of {count:,} new parts", f"{new:.0f} ms", reach)
                table.add_row(f"PUT of {count:,} known parts", f"{again:.0f} ms", reach)
            for start in range(10_000, 100_000, 10_000):
                client.put("/api/part/", json=_parts(start, 10_000)).raise_for_status()
            for name, terms in (("few", FEW), ("many", MANY)):
                address = f"/api/part/?{terms}&page_size=50"
                changed = _after_changes(client, address)
                rate, p99 = _load(service, address)
                found = client.get(address).json()["count"]
                table.add_row(
                    f"list of {min(found, 50)} of {found:,} found by 3 terms among 100,000, {CLIENTS} clients",
                    f"{rate:.0f} requests/s", "250 requests/s",
                )  # fmt: skip
                table.add_row("  its slowest hundredth", f"{p99:.0f} ms", "60 ms")
                table.add_row(f"  {name} found, each time after a change of a part", f"{changed:.0f} ms", "")
            plan = _million(data)
            query = {"id": "big", "title": "Big", "query": "tray=T4711+(technology=SLS|~next_step=step1)+copies__gt=1"}
            client.post("/api/batch/", json=query).raise_for_status()
            for name, address in (("count", "/api/batch/big/"), ("its parts", "/api/batch/big/parts/?page_size=50")):
                table.add_row(
                    f"batch query over 1,000,000 parts: {name}", f"{_median(client, address):.0f} ms", "60 ms"
                )
    console = Console()
    console.print(table)
    console.print(plan)


def _configure(client: httpx.Client) -> None:
    rows: list[dict[str, Any]] = [
        {"id": name, "field": name, "datatype": "NUMBER" if name == "order" else "STRING", "filtering": True}
        for name in ATTRIBUTES
    ]
    client.put("/api/part_attribute/", json=rows).raise_for_status()
    mesh = io.BytesIO(trimesh.creation.box((10, 20, 30)).export(file_type="stl"))
    client.post("/api/model/", data={"id": "box"}, files={"geometry": ("box.stl", mesh)}).raise_for_status()


def _parts(start: int, count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"p{number}",
            "title": f"Part {number}",
            "copies": number % 5 + 1,
            "model": "box",
            "material": ("SLS_PA11", "MJF_PA12")[number % 2],
            "attributes": {
                "tray": str(number // 14),
                "next_step": STEPS[number % 3],
                "prev_step": "Printing",
                "technology": ("SLS", "MJF")[number % 2],
                "order": number // 4,
            },
        }
        for number in range(start, start + count)
    ]


def _puts(client: httpx.Client, count: int) -> tuple[float, float]:
    """Median milliseconds of a PUT that makes its parts, and of one that changes them."""
    new, again = [], []
    body = _parts(0, count)
    for _ in range(ROUNDS):
        client.delete("/api/part/?id__icontains=p")
        for times in (new, again):
            before = time.perf_counter()
            client.put("/api/part/", json=body).raise_for_status()
            times.append(1000 * (time.perf_counter() - before))
    return statistics.median(new), statistics.median(again)


def _median(client: httpx.Client, address: str, rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        before = time.perf_counter()
        client.get(address).raise_for_status()
        times.append(1000 * (time.perf_counter() - before))
    return statistics.median(times)


def _after_changes(client: httpx.Client, address: str) -> float:
    """Median milliseconds of a list when parts have changed since it was asked for last."""
    times = []
    for number in range(ROUNDS):
        client.patch("/api/part/p7/", json={"title": f"Part 7, {number}"}).raise_for_status()
        times.append(_median(client, address, rounds=1))
    return statistics.median(times)


def _load(service: RunningService, address: str) -> tuple[float, float]:
    """Requests a second of eight clients at once, and the 99th percentile in milliseconds."""
    place = urlsplit(service.url)
    headers = {"Authorization": f"Token {service.token()}"}
    times: list[float] = []
    end = time.perf_counter() + LOAD_S

    def ask() -> None:
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        while time.perf_counter() < end:
            before = time.perf_counter()
            connection.request("GET", address, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append(1000 * (time.perf_counter() - before))

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / LOAD_S, statistics.quantiles(times, n=100)[98]


def _million(data: Path) -> str:
    """Fills the table up to a million parts; the plan of a batch's query over them."""
    explained = """EXPLAIN (ANALYZE, COSTS OFF, SUMMARY OFF, BUFFERS OFF)
        SELECT count(*), sum(copies) FROM catalog_part
         WHERE company_id = (SELECT company_id FROM catalog_part LIMIT 1)
           AND terms @> '{"s":{"tray":["t4711"]}}'
           AND (terms @> '{"s":{"technology":["sls"]}}' OR NOT terms @> '{"s":{"next_step":["step1"]}}')
           AND copies > 1"""
    with psycopg.connect(EmbeddedDatabase(data / "database", stop_with_us=False).url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute(_MILLION, [900_000])
        connection.execute("VACUUM ANALYZE catalog_part")
        return "\n".join(row[0] for row in connection.execute(explained).fetchall())


if __name__ == "__main__":
    main()
