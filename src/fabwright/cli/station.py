"""`fabwright vision station`: cameras on one side, the service on the other."""

import json
from pathlib import Path
from typing import Any

import click

from fabwright.errors import ConfigurationError, FabwrightError, FormatError, InputError


class ServiceRefused(FabwrightError):
    """The service did not take what was sent; says why."""

    code = "service_refused"


@click.command()
@click.option("--url", required=True, help="Address of the service, for instance http://127.0.0.1:8000.")
@click.option("--token", required=True, envvar="FABWRIGHT_TOKEN", help="Token (or FABWRIGHT_TOKEN).")
@click.option("--session", required=True, help="uuid of the scan session.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Folder where shots appear.")
@click.option(
    "--genicam",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help='JSON file: {"producers": ["/opt/.../maker.cti"], "serials": {"cam01": "1234", ...}, "exposure_us": 8000}.',
)
@click.option("--timeout-s", default=3600.0, show_default=True, help="End when no shot has come for so long.")
def station(url: str, token: str, session: str, folder: Path | None, genicam: Path | None, timeout_s: float) -> None:
    """Send what the cameras see to a running service, one scan per shot.

    With --folder, shots are files <shot>_<camera>.png (or .jpg); what has arrived is moved to done/ within the folder.
    With --genicam, each press of Enter triggers the cameras.

    Example: fabwright vision station --url http://127.0.0.1:8000 --session UUID --folder shots
    """
    import httpx

    if (folder is None) == (genicam is None):
        raise InputError("give either --folder or --genicam", where="--folder")
    headers = {"Authorization": f"Token {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60.0) as client:
        cameras = [camera["id"] for camera in _rig(client)["rig"]["cameras"]]
        with _driver(folder, genicam, cameras) as driver:
            for shot in driver.shots(timeout_s):
                files = {camera: (f"{camera}.png", data) for camera, data in shot.pictures.items()}
                answer = _asked(client, "POST", "/api/scan/", data={"scan_session": session}, files=files)
                driver.accepted(shot)
                click.echo(f"{shot.name} is scan {answer['uuid']}")
                if genicam is not None:
                    click.prompt("Enter for the next piece", default="", show_default=False, prompt_suffix="")


def _driver(folder: Path | None, genicam: Path | None, cameras: list[str]) -> Any:
    from fabwright.vision.cameras import GenICam, WatchedFolder

    if folder is not None:
        return WatchedFolder(folder, cameras)
    assert genicam is not None  # one of the two is given
    try:
        setup = json.loads(genicam.read_text(encoding="utf-8"))
        serials = {str(camera): str(serial) for camera, serial in setup["serials"].items()}
        producers = [Path(path) for path in setup["producers"]]
        exposure_us = float(setup.get("exposure_us", 0.0))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"expected JSON with `producers` and `serials`: {error}", where=str(genicam)) from error
    if missing := sorted(set(cameras) - set(serials)):
        raise ConfigurationError(f"no serial number for {', '.join(missing)} of the rig", where=str(genicam))
    return GenICam(producers, {camera: serials[camera] for camera in cameras}, exposure_us=exposure_us)


def _rig(client: Any) -> dict[str, Any]:
    rigs = _asked(client, "GET", "/api/rig/", params={"page_size": 1})["results"]
    if not rigs:
        raise ConfigurationError("the service has no rig; POST one to /api/rig/ first", where="rig")
    found: dict[str, Any] = rigs[0]
    return found


def _asked(client: Any, method: str, address: str, **more: Any) -> Any:
    """The JSON answer of a call."""
    import httpx

    try:
        answer = client.request(method, address, **more)
    except httpx.HTTPError as error:
        raise ServiceRefused(f"{client.base_url} does not answer: {error}") from error
    if answer.is_error:
        raise ServiceRefused(f"{method} {address} answered {answer.status_code}: {answer.text[:500]}")
    return answer.json()
