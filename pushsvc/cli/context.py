"""A context for one command: on the running service's servers, or on its own for as long as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from pushsvc.context import Context, make_context
from pushsvc.embedded import servers, with_servers
from pushsvc.settings import Settings, read_settings
from pushsvc.store.schema import upgrade


@contextmanager
def open_context() -> Iterator[Context]:
    """The context of this command; embedded servers are found or started, the schema is brought up to date."""
    settings = read_settings()
    with servers(settings) as urls:
        ready = with_servers(settings, urls)
        ctx = make_context(ready, nudge=partial(_nudge, ready))
        upgrade(ctx.engine)
        try:
            yield ctx
        finally:
            ctx.engine.dispose()


def _nudge(settings: Settings, name: str) -> bool:
    from pushsvc.tasks import configure, hint  # Celery takes a second to load, and few commands start anything

    configure(settings)
    return hint(name)
