"""Whom an address of the API speaks of: a person, by outside reference."""

from __future__ import annotations

from pushsvc.store.access import PERSONS
from pushsvc.store.people import profile_by_ref
from pushsvc.store.session import Connection
from pushsvc.web.errors import ApiError


def person_behind(connection: Connection, ref: str) -> int:
    """The person's number. Raises ApiError 404 unknown_person: nobody, somebody erased, or a firm, which reads no
    letters: its members do."""
    found = profile_by_ref(connection, ref)
    if found is None or found.erased or found.kind not in PERSONS:
        raise ApiError(404, "unknown_person", place="ref", sentence="There is no person with this reference.")
    return found.id
