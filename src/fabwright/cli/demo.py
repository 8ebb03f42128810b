"""`fabwright demo`: a day of a small factory from end to end."""

import shutil
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from fabwright.demo.checking import run_checking, subscribe
from fabwright.demo.contact_sheet import contact_sheet
from fabwright.demo.house import build_house
from fabwright.demo.making import Delivered, run_making
from fabwright.demo.proof import check_deliveries, draw_pictures
from fabwright.demo.receiver import listening
from fabwright.demo.service import running_service
from fabwright.formats.ifc import write_ifc
from fabwright.timber.picture import panel_png

# Webhooks do not reach private addresses unless the operator says so; the demo's receiver listens on this machine.
_LOCAL_RECEIVER = {"FABWRIGHT_WEBHOOK_ALLOW": "127.0.0.0/8"}


@click.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo-output",
    show_default=True,
    help="Folder of the results; emptied first.",
)
def demo(output: Path) -> None:
    """Run a day of a small factory from end to end and leave its results in a folder.

    Example: fabwright demo --output demo-output
    """
    began = time.monotonic()
    console = Console()
    output = output.absolute()
    if output.exists():
        shutil.rmtree(output)
    output.mkdir(parents=True)
    console.rule("Fabwright demo")
    house = build_house()
    ifc = output / "demo-house.ifc"
    write_ifc(house, ifc)
    console.print(
        f"drew a house of {len(house)} panels and {sum(len(panel.parts) for panel in house)} parts: {ifc.name}"
    )
    console.print("starting the service with a database of its own ...")
    with listening() as receiver, running_service(output / "data", **_LOCAL_RECEIVER) as client:
        subscribe(client, receiver)
        console.rule("Making: a timber house for two production lines, in every document type")
        delivered = run_making(client, ifc, panel_png(house[0], size_px=800), output / "making", console)
        console.rule("Checking: a tray of fourteen printed pieces, sorted twice")
        run_checking(client, receiver, console, reports=len(delivered))
    checks = check_deliveries(delivered, house, console)
    pictures = draw_pictures(delivered, house, output / "pictures")
    pictures.append(contact_sheet(delivered, checks, output / "contact-sheet.png"))
    _show(console, delivered, checks, pictures, output)
    console.print(f"done in {time.monotonic() - began:.0f} s")


def _show(
    console: Console, delivered: list[Delivered], checks: dict[Path, str], pictures: list[Path], output: Path
) -> None:
    table = Table(title="What came out")
    for column in ("line", "file", "kB", "read back"):
        table.add_column(column, justify="right" if column == "kB" else "left", overflow="fold")
    for one in delivered:
        kilobytes = f"{one.size / 1000:,.0f}"
        table.add_row(one.line, one.path.name, kilobytes, checks[one.path])
    console.print(table)
    for picture in pictures:
        console.print(f"picture: {picture}")
    console.print(f"results in {output}")
