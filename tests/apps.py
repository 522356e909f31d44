"""Applications for tests: pages are compiled once for all of them, since each test makes its own."""

from __future__ import annotations

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from pushsvc.app import create_app
from pushsvc.context import Context


class Compiled(BytecodeCache):
    """Keeps the code of templates in memory, as long as their text stays the same."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def open_app(ctx: Context) -> Flask:
    """The application on a context."""
    app = create_app(ctx)
    app.jinja_env.bytecode_cache = COMPILED
    return app
