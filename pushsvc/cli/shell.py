"""`pushsvc shell`: the page that a government app opens, as files."""

from __future__ import annotations

from pathlib import Path

import click

from pushsvc.pipeline.shell import write_shell
from pushsvc.settings import read_settings


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def shell(folder: Path) -> None:
    """Write FOLDER/build, for a host that serves the shell itself; PUSHSVC_HOST_BRIDGE names its bridge."""
    settings = read_settings()
    if not settings.host_bridge:
        raise click.ClickException("PUSHSVC_HOST_BRIDGE is not set: no host, no shell.")
    for path in write_shell(settings, folder):
        click.echo(path)
