"""`fabwright token`: access tokens, also beside a running service."""

from pathlib import Path

import click

from fabwright.cli.options import data_option, start_django, use_data
from fabwright.server.database import use_database


@click.group()
def token() -> None:
    """Make access tokens."""


@token.command()
@click.option("--user", "username", required=True, help="Name of the user; made when missing.")
@click.option("--company", default="", help="Company of the user; made when missing.")
@click.option("--superuser", is_flag=True, help="The user may also use the admin.")
@data_option
def create(username: str, company: str, superuser: bool, data: Path) -> None:
    """Print a new token, and nothing else.

    Example: fabwright token create --user anna --company "House Works"
    """
    data = use_data(data)
    held = use_database(data)
    from fabwright.cli.service import _migrate

    _migrate(data, is_embedded=held is not None)
    start_django()
    from fabwright.server.common.services import token_create

    click.echo(token_create(username=username, company=company, superuser=superuser))
