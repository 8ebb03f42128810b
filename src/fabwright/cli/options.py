"""Options that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

data_option: Callable[[Any], Any] = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="FABWRIGHT_DATA",
    default="fabwright-data",
    show_default=True,
    help="Folder of database, files and secret key.",
)


def use_data(data: Path) -> Path:
    """Makes `data` the data folder of this process and its children; makes the folder when missing."""
    data = data.absolute()
    data.mkdir(parents=True, exist_ok=True)
    os.environ["FABWRIGHT_DATA"] = str(data)
    return data


def start_django() -> None:
    """Loads Django with our settings (after the environment is complete)."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fabwright.server.settings")
    django.setup()
