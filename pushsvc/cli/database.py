"""`pushsvc init-db` and `pushsvc upgrade-db`."""

from __future__ import annotations

import click

from pushsvc.embedded import keep_old_data, servers
from pushsvc.settings import Settings, read_settings
from pushsvc.store import schema
from pushsvc.store.session import connect


@click.command("init-db")
def init_db() -> None:
    """Make the database ready for use. Run again, it does nothing."""
    click.echo(f"The database is ready, at step {_migrate(read_settings())}.")


@click.command("upgrade-db")
def upgrade_db() -> None:
    """Bring an older database to this version; data of another PostgreSQL version is kept aside."""
    settings = read_settings()
    aside = None if settings.database_url else keep_old_data(settings)
    if aside:
        click.echo(f"The data of another PostgreSQL version is kept in {aside}; the new database is empty.")
    click.echo(f"The database is ready, at step {_migrate(settings)}.")


def _migrate(settings: Settings) -> str | None:
    with servers(settings) as urls:
        engine = connect(urls.database_url, pool=1)
        try:
            schema.upgrade(engine)
        finally:
            engine.dispose()
    return schema.head()
