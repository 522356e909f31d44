"""Alembic's entry: runs the steps on the connection that `pushsvc.store.schema` hands over."""

from alembic import context

from pushsvc.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    process_revision_directives=context.config.attributes.get("directives"),
)
with context.begin_transaction():
    context.run_migrations()
