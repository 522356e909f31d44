"""The database's shape: brought to the newest step, and asked where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations.ops import ExecuteSQLOp, MigrationScript, UpgradeOps
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateSequence

from pushsvc.store.tables import metadata

_LOCK = 0x70757368  # one process upgrades at a time


def upgrade(engine: Engine) -> None:
    """Applies every step that is missing; harmless when there is none or when another process does it now."""
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(_config(connection), "head")


@dataclass(frozen=True)
class State:
    """What a database is: PostgreSQL's major version, how it stores text, the step it stands at."""

    major: int
    encoding: str
    step: str | None


class SchemaError(RuntimeError):
    """The database cannot be looked at; the text is one sentence."""

    code = "unreachable"


def look(url: str) -> State:
    """What the database behind a SQLAlchemy URL is. Raises SchemaError."""
    try:
        # Of a database that is not UTF-8 the driver would hand us bytes, unless it is told how to speak.
        options = {"connect_timeout": 5, "client_encoding": "utf8"}
        engine = create_engine(url, poolclass=NullPool, connect_args=options)
        with engine.connect() as connection:
            number = int(str(connection.execute(text("show server_version_num")).scalar()))
            encoding = str(connection.execute(text("show server_encoding")).scalar())
            return State(number // 10000, encoding, current(connection))
    except (SQLAlchemyError, ValueError) as exc:
        cause = str(getattr(exc, "orig", exc)).strip().splitlines()[0]
        raise SchemaError(f"The database does not answer ({cause}): check PUSHSVC_DATABASE_URL.") from exc


def current(connection: Connection) -> str | None:
    """The step the database stands at; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest step there is."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def differences(connection: Connection) -> list[object]:
    """What differs between the database and the tables as the code has them."""
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def draft(engine: Engine, message: str, number: str) -> None:
    """Writes the next step from the difference between `engine`'s database and the tables."""
    with engine.connect() as connection:
        config = _config(connection)
        config.attributes["directives"] = _add_sequences if number == "0001" else None
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        command.revision(config, message, autogenerate=True, rev_id=number)


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "pushsvc:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _add_sequences(_context: object, _revision: object, scripts: list[MigrationScript]) -> None:
    # Autogenerate leaves out sequences that belong to no column.
    steps = scripts[0].upgrade_ops
    if isinstance(steps, UpgradeOps):
        for sequence in metadata._sequences.values():
            steps.ops.insert(0, ExecuteSQLOp(str(CreateSequence(sequence))))
