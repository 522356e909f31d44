"""`pushsvc snapshot`: publish the profiles as columns, list what is stored, check what this host holds."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from tqdm import tqdm

from profiles.snapshot.manifest import SnapshotError
from profiles.snapshot.opening import open_snapshot
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.weighing import published_bytes
from pushsvc.cli.context import open_context
from pushsvc.cli.tables import as_json
from pushsvc.pipeline.snapshot_files import folder_of
from pushsvc.pipeline.snapshots import publish_snapshot
from pushsvc.store.session import transaction
from pushsvc.store.snapshots import ready_versions

_LISTED = 20


@click.group("snapshot")
def snapshot() -> None:
    """Profiles published as columns, from which audiences are chosen."""


@snapshot.command("publish")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
def publish(json_: bool) -> None:
    """Make a snapshot of all profiles and store it; from then on it serves."""
    with open_context() as ctx, tqdm(desc="profiles", unit=" profiles", disable=json_) as bar:
        made = publish_snapshot(ctx, bar.update)
    if made is None:
        click.echo("Somebody else is making a snapshot.", err=True)
        sys.exit(1)
    told = {"version": made.version, "profiles": made.profiles, "bytes": made.size, "folder": str(made.path)}
    click.echo(as_json(told) if json_ else f"{made.version}: {made.profiles:,} profiles, {made.size:,} bytes")


@snapshot.command("list")
def list_() -> None:
    """The snapshots that are stored, the newest first."""
    with open_context() as ctx, transaction(ctx.engine) as conn:
        rows = ready_versions(conn, _LISTED)
        held = {path.name for path in folder_of(ctx).glob("*")}
    for row in rows:
        here = "here" if row.version in held else "to be fetched"
        click.echo(f"{row.version}  {row.profiles or 0:>12,} profiles  {row.made_at:%Y-%m-%d %H:%M %Z}  {here}")
    click.echo(f"{len(rows)} in all." if rows else "There is none: every process reads the database itself.")


@snapshot.command("check")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
def check(json_: bool) -> None:
    """Read every file of this host's snapshots; exit code 1 where one is damaged. Shows bytes by column."""
    with open_context() as ctx:
        paths = sorted(path for path in folder_of(ctx).glob("*") if not path.name.startswith("."))
    found = {path.name: _looked_at(path) for path in paths}
    if json_:
        click.echo(as_json(found))
    else:
        for version, told in found.items():
            click.echo(f"{version}  {told.get('error') or _sizes(told)}")
        click.echo(f"{len(found)} looked at.")
    sys.exit(1 if any("error" in told for told in found.values()) else 0)


def _looked_at(path: Path) -> dict[str, object]:
    try:
        opened = open_snapshot(path)
    except SnapshotError as exc:
        return {"error": f"{exc.code}: {exc}"}
    return {"profiles": len(opened), "bytes_per_profile": _per_profile(opened)}


def _per_profile(opened: Snapshot) -> dict[str, float]:
    n = max(len(opened), 1)
    return {name: round(size / n, 2) for name, size in published_bytes(opened).items()}


def _sizes(told: dict[str, object]) -> str:
    by_column = told["bytes_per_profile"]
    assert isinstance(by_column, dict)
    most = sorted(by_column.items(), key=lambda item: -item[1])[:8]
    return f"{told['profiles']:,} profiles; bytes a profile: " + ", ".join(f"{name} {size}" for name, size in most)
