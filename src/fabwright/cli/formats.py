"""`fabwright formats`: what production files hold, and whether they follow their rules."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fabwright.formats import registry

WIDTH = 160  # of tables that go into a file or a pipe, where nobody can widen the window


@click.group()
def formats() -> None:
    """Show and check production files.

    Example: fabwright formats check wall.btl wall.btlx
    """


@formats.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def show(file: Path, as_json: bool) -> None:
    """Show what FILE holds, whatever readable format it is of.

    Example: fabwright formats show wall.btlx --json
    """
    report = registry.read(file)
    if as_json:
        content = {
            "format": report.format,
            **report.facts,
            "problems": [{"place": problem.place, "message": problem.message} for problem in report.problems],
            "notes": list(report.notes),
        }
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(f"{file.name}: {report.format}", highlight=False, markup=False)
    for name, value in report.facts.items():
        if name != "list":
            console.print(f"  {name}: {_cell(value)}", highlight=False, markup=False)
    rows = report.facts.get("list")
    if rows:
        console.print(_table(rows))
    for problem in report.problems:
        console.print(f"problem: {problem}", highlight=False, markup=False)
    for note in report.notes:
        console.print(f"note: {note}", highlight=False, markup=False)


@formats.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Read each of FILES back by its grammar and rules: a line per problem with its place; exit 1 when there is any.

    Example: fabwright formats check out/*.btl
    """
    found = 0
    for file in files:
        for problem in registry.check(file):
            click.echo(f"{file}: {problem}")
            found += 1
    if found:
        sys.exit(1)
    click.echo(f"{len(files)} {'file follows' if len(files) == 1 else 'files follow'} the rules", err=True)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table()
    for name, value in rows[0].items():
        table.add_column(name, justify="right" if isinstance(value, int | float) else "left")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    return table


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return (
            " x ".join(_cell(one) for one in value)
            if value and isinstance(value[0], float)
            else ", ".join(map(str, value))
        )
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items()) or "none"
    return str(value)
