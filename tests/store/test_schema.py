"""The migrations make what the tables say."""

from sqlalchemy import Engine

from pushsvc.store import schema


def test_the_migrated_database_is_what_the_tables_say(engine: Engine) -> None:
    with engine.connect() as connection:
        assert schema.differences(connection) == []


def test_a_migrated_database_stands_at_the_head(engine: Engine) -> None:
    with engine.connect() as connection:
        assert schema.current(connection) == schema.head()
