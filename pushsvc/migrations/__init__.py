"""The database's shape, step by step (Alembic). Run through `pushsvc.store.schema`; drafted by `scripts/migration`."""
