"""BTL and BTLx of 10,000 different members with 3 processings each, from timber objects to bytes, beside a peer.

The peer is compas_timber's BTLx writer on the same members; it writes BTLx only, so its time is compared with our
BTLx alone as well as with both files together. Making the objects is not counted on either side. Memory is the
growth of the process's peak while writing.
"""

import resource
import statistics
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from fabwright.formats.btl import BtlJob, BtlPart, read_btl, verify_btl, write_btl
from fabwright.formats.btlx import Component, Document, Placement, read_btlx, write_btlx
from fabwright.timber import Frame, Member
from fabwright.timber.process import Drilling, JackRafterCut

MEMBERS = 10_000
PEER_MEMBERS = 1_000  # its time is proportional to the number (and the whole takes minutes)
ROUNDS = 5


def members(count: int) -> list[Member]:
    """Members that all differ: two end cuts and a drilling each."""
    return [
        Member(
            reference=f"S{index}",
            name="stud",
            material="C24",
            length=2000.0 + index * 0.1,
            width=60.0,
            height=120.0,
            frame=Frame(origin=(index * 625.0 % 10_000, index * 0.5, 0.0)),
            processes=(
                JackRafterCut(orientation="start", start_x=5.0 + index % 7, angle=60.0 + index % 60, inclination=88.5),
                JackRafterCut(orientation="end", start_x=1990.0, angle=95.0, inclination=70.0 + index % 30),
                Drilling(side=1 + index % 4, start_x=500.0 + index % 900, start_y=30.0, diameter=12.5),
            ),
        )
        for index in range(count)
    ]


def documents(stock: list[Member]) -> tuple[BtlJob, Document]:
    """The same members as a BTL job and as a BTLx document."""
    parts = tuple(BtlPart(member=one, uids=(index,), frames=(one.frame,)) for index, one in enumerate(stock, 1))
    components = tuple(
        Component(
            stock=one,
            placements=(Placement(guid=f"{{00000000-0000-4000-8000-{index:012d}}}", frame=one.frame),),
            attributes={"SingleMemberNumber": str(index)},
        )
        for index, one in enumerate(stock, 1)
    )
    return BtlJob(project_name="bench", parts=parts), Document(version="2.0.0", parts=components)


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median time of a piece of work in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def peer_seconds(count: int) -> float | None:
    """Time of compas_timber's BTLx writer for so many members; None when it is not installed."""
    try:
        from compas.geometry import Frame as PeerFrame
        from compas.tolerance import Tolerance
        from compas_timber.elements import Beam
        from compas_timber.fabrication import BTLxWriter
        from compas_timber.fabrication import Drilling as PeerDrilling
        from compas_timber.fabrication import JackRafterCut as PeerCut
        from compas_timber.model import TimberModel
    except ImportError:
        return None
    model = TimberModel(Tolerance(unit="MM"))
    for one in members(count):
        start, end, hole = one.processes
        assert isinstance(start, JackRafterCut)
        assert isinstance(end, JackRafterCut)
        assert isinstance(hole, Drilling)
        beam = Beam(PeerFrame(one.frame.origin, (1, 0, 0), (0, 1, 0)), one.length, one.width, one.height)
        for cut in (start, end):
            feature = PeerCut(cut.orientation, cut.start_x, 0.0, 0.0, cut.angle, cut.inclination, ref_side_index=0)
            beam.add_features(feature)
        beam.add_features(
            PeerDrilling(hole.start_x, hole.start_y, 0.0, 90.0, True, 50.0, hole.diameter, ref_side_index=hole.side - 1)
        )
        model.add_element(beam)
    writer = BTLxWriter(project_name="bench")
    return median(lambda: writer.model_to_xml(model), 3)


def main() -> None:
    """Prints the table."""
    stock = members(MEMBERS)
    job, document = documents(stock)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    btl, btlx = median(lambda: write_btl(job)), median(lambda: write_btlx(document))
    together = median(lambda: (write_btl(job), write_btlx(document)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    btl_bytes, btlx_bytes = write_btl(job), write_btlx(document)
    table = Table(title=f"{MEMBERS:,} members, 3 processings each (median of {ROUNDS})")
    for name in ("work", "time", "size", "note"):
        table.add_column(name, justify="left" if name in ("work", "note") else "right")
    table.add_row("write BTL", f"{btl:.3f} s", f"{len(btl_bytes) / 1e6:.1f} MB", "")
    table.add_row("write BTLx", f"{btlx:.3f} s", f"{len(btlx_bytes) / 1e6:.1f} MB", "")
    start = time.process_time()
    write_btl(job)
    write_btlx(document)
    processor = time.process_time() - start
    memory = f"process {peak / 1024:.0f} MB at most, {max(0, peak - before) / 1024:.0f} MB more than before"
    growth = f"{processor:.2f} s of processor; {memory}"
    table.add_row("write both", f"{together:.3f} s", "", f"reach 2 s, 500 MB; {growth}")
    table.add_row("verify BTL (read back, compare)", f"{median(lambda: verify_btl(btl_bytes, job), 1):.3f} s", "", "")
    table.add_row("read BTL", f"{median(lambda: read_btl(btl_bytes), 3):.3f} s", "", "")
    table.add_row("read BTLx", f"{median(lambda: read_btlx(btlx_bytes), 3):.3f} s", "", "")
    peer = peer_seconds(PEER_MEMBERS)
    if peer is None:
        table.add_row("compas_timber BTLx writer", "", "", "not installed")
    else:
        scaled = peer * MEMBERS / PEER_MEMBERS
        times = f"{scaled / btlx:.0f} x our BTLx, {scaled / together:.0f} x our BTL and BTLx together; reach 20 x"
        note = f"{peer:.3f} s for {PEER_MEMBERS:,} members; {times}"
        table.add_row("compas_timber BTLx writer", f"{scaled:.1f} s", "", note)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
