"""The web process: `gunicorn pushsvc.main:app`."""

from __future__ import annotations

from pushsvc.app import create_app
from pushsvc.context import make_context
from pushsvc.tasks import ready_settings

_THREADS = 8  # as many connections as the Procfile's web process has threads

app = create_app(make_context(ready_settings(), pool=_THREADS))
