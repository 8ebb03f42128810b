"""`fabwright backup` and `fabwright restore`: everything of an embedded installation in one file, and back."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from fabwright.cli.options import data_option, use_data
from fabwright.server import backup as room
from fabwright.server.environment import Environment


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
def backup(file: Path, data: Path) -> None:
    """Save everything into FILE; also beside a running service.

    Example: fabwright backup fabwright-2026-11-22.tar
    """
    use_data(data)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("backup", total=None)
        blobs = room.backup(
            Environment.read(), file.absolute(), lambda done, of: progress.update(task, completed=done, total=of)
        )
    click.echo(f"{file}: database and {blobs} files")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
def restore(file: Path, data: Path) -> None:
    """Bring a backup back into an empty data folder.

    Example: fabwright restore fabwright-2026-11-22.tar --data ./restored
    """
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("restore", total=None)
        blobs = room.restore(file, data.absolute(), lambda done, of: progress.update(task, completed=done, total=of))
    click.echo(f"{data}: database and {blobs} files")
