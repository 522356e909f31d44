"""The web process: `gunicorn pushsvc.main:app`."""

from __future__ import annotations

from pushsvc.app import create_app
from pushsvc.context import make_context
from pushsvc.tasks import configure, hint, ready_settings

_THREADS = 4  # as many connections as the Procfile's web process has threads

settings = ready_settings()
configure(settings)  # so that what is started here begins at once
app = create_app(make_context(settings, pool=_THREADS, nudge=hint))
