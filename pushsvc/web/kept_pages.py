"""A reader's own pages, kept as they were last made, and served again while nothing that they show has changed.

What a page shows is told by the rows of its reader (`store.reader_version`), the policies that the process holds (which
may be some seconds behind), the reader's way of looking, the address and the minute. Minutes begin at another second
for each reader: pages that grow old at once would all be made anew at once. Tokens and noise are never kept: each
answer has its own. A page with a word for the reader (a toast) is made anew, and so is any that is not a plain 200.
Kept in the process, compressed, the least used going first.
"""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec

from flask import g, make_response, request, session
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from pushsvc.pipeline.in_force import lately_stamp
from pushsvc.store.reader_version import reader_version
from pushsvc.store.session import transaction_by_index
from pushsvc.web import csrf
from pushsvc.web.access import current_person
from pushsvc.web.compression import noise
from pushsvc.web.current import context
from pushsvc.web.i18n import locale

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
MOST_BYTES = 32 << 20
_MINUTE = 60  # seconds
_LOOKS = ("mode", "size", "theme")
_TOKEN, _NOISE = b"\x00token\x00", b"\x00noise\x00"  # what no page holds: Jinja passes no NUL on, and forms refuse it


@dataclass
class Pages:
    """Compressed pages by what they were made of."""

    held: OrderedDict[tuple[object, ...], bytes] = field(default_factory=OrderedDict)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: tuple[object, ...]) -> bytes | None:
        """The page, which is then the one used last."""
        with self.lock:
            if key in self.held:
                self.held.move_to_end(key)
            return self.held.get(key)

    def put(self, key: tuple[object, ...], page: bytes) -> None:
        """Keep it, and let go of the least used where all of it is too much."""
        with self.lock:
            self.size += len(page) - len(self.held.pop(key, b""))
            self.held[key] = page
            while self.size > MOST_BYTES:
                self.size -= len(self.held.popitem(last=False)[1])


def kept(view: View[P]) -> View[P]:
    """Stands below the guard: who may see the page is asked each time."""

    @wraps(view)
    def keeping(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if "_flashes" in session:
            return view(*args, **kwargs)
        pages, key = context().kept.of(Pages), _key(g.version)
        page = pages.get(key)
        if page is not None:
            return _served(zlib.decompress(page))
        answer = make_response(view(*args, **kwargs))
        moved = "_flashes" in session or _key(_version()) != key
        if answer.status_code == 200 and not moved:
            pages.put(key, zlib.compress(_blank(answer.get_data()), 1))
        return answer

    keeping.keeps = True  # type: ignore[attr-defined]  # a mark for the guard, which asks the version with the session
    return keeping


def _version() -> str:
    """Asked before the page is made, by the guard, and again once it is: what changes in between keeps it from being
    kept."""
    who = current_person()
    with transaction_by_index(context().engine) as connection:
        return reader_version(connection, who.id, who.profile_id)


def _key(version: str) -> tuple[object, ...]:
    who = current_person()
    looks = tuple(session.get(name) for name in _LOOKS)
    minute = int(context().clock().timestamp() + who.id % _MINUTE) // _MINUTE  # not everybody's page at once
    return (request.full_path, who, locale(), looks, minute, version, lately_stamp(context()))


def _served(page: bytes) -> ResponseReturnValue:
    return page.replace(_TOKEN, csrf.token().encode()).replace(_NOISE, noise().encode()).decode()


def _blank(page: bytes) -> bytes:
    """The page without what is each answer's own."""
    start = page.rfind(Markup("<!-- ").encode())
    return page[:start].replace(csrf.token().encode(), _TOKEN) + _NOISE
