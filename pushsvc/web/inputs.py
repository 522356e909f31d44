"""What no address or form of ours ever holds is refused at the door: NUL, broken text, numbers no row can have."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**63 - 1


class IdConverter(IntegerConverter):
    """`<id:name>`: the number of a row."""

    def __init__(self, map_: object) -> None:
        super().__init__(map_, min=1, max=LARGEST_ID)  # type: ignore[arg-type]  # werkzeug's map, handed on


def init_app(app: Flask) -> None:
    """Check every request; give routes the `id` converter."""
    app.url_map.converters["id"] = IdConverter
    app.before_request(_check)


def row_number(name: str) -> int | None:
    """A row's number from the address, None where there is none that a row can have."""
    value = request.args.get(name, type=int)
    return value if value is not None and 1 <= value <= LARGEST_ID else None


def _check() -> None:
    if any("\0" in text or not _whole(text) for text in _texts()):
        abort(400)


def _texts() -> Iterator[str]:
    yield request.path
    forms = () if request.path.startswith("/hooks/") else (request.form,)  # a signed body is read once, raw
    for group in (request.args, *forms):
        for name, value in group.items(multi=True):
            yield name
            yield value


def _whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
