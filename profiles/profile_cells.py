"""How each column of a profile's row is read: its cell parser, its kernel, its type."""

from __future__ import annotations

import re
from datetime import date
from functools import cache, lru_cache

import pyarrow as pa

from profiles import cells, kernels, list_cells
from profiles.address import parse_address
from profiles.column_cells import Spec
from profiles.facts import FACTS, KINDS, SENSITIVE, STORED, YEARLY, Fact
from profiles.sources import CORRECTION
from profiles.standards.identifiers import parse_credit_code

LOCALES = ("zh", "en")
ADDRESSES = {"phone": "sms", "email": "email", "app_token": "app"}
PLAIN = ("ref", "kind", "name", "locale", "zone", "guardian", "credit_code")
LISTS = ("interests", "objectives", "benefits")
COLUMNS = (
    *(*PLAIN, *STORED, *LISTS, *ADDRESSES),
    *("consents", "personalised", "dependants", "members", "qualifications", *SENSITIVE, "source", "as_of"),
)
FIRST_YEAR, LAST_YEAR = 1949, 2120

_NAMES = frozenset(COLUMNS)
_YEAR = re.compile(r"\d{4}")


class Known:
    """The columns a file of profiles may have: COLUMNS, and `fact@year` for yearly facts."""

    def __contains__(self, name: object) -> bool:
        return name in _NAMES or (isinstance(name, str) and is_yearly(name))


def is_yearly(name: str) -> bool:
    """Whether a column is a yearly fact of one year, such as `revenue@2025`."""
    fact, _, year = name.partition("@")
    return fact in YEARLY and bool(_YEAR.fullmatch(year)) and year.isascii() and FIRST_YEAR <= int(year) <= LAST_YEAR


@cache
def spec_of(name: str) -> Spec:
    """How the column with this name (one of Known) is read."""
    if name in ADDRESSES:
        kernel = {"sms": kernels.mobiles, "email": kernels.mailboxes, "app": kernels.tokens}[ADDRESSES[name]]
        return Spec(lambda text, _: parse_address(ADDRESSES[name], text).value, pa.string(), kernel)
    return _others()[name] if name in _others() else _of_fact(FACTS[name.partition("@")[0]])


@lru_cache(maxsize=100_000)  # a file names few places, on many days each
def _region(text: str, day: date | None) -> object:
    return cells.fact_cell(FACTS["region"], text, day)


def _of_fact(fact: Fact) -> Spec:
    if fact.tree == "region":
        return Spec(_region, pa.string(), dated=True)
    kernel = kernels.figures(fact) if fact.kind == "number" else kernels.dates if fact.kind == "date" else None
    return Spec(lambda text, day: cells.fact_cell(fact, text, day), _KINDS[fact.kind], kernel)


_KINDS = {"number": pa.float64(), "flag": pa.bool_(), "code": pa.string(), "date": pa.date32()}


@cache
def _others() -> dict[str, Spec]:
    text = pa.string()
    return {
        "ref": Spec(lambda cell, _: cells.ref(cell), text, kernels.refs),
        "guardian": Spec(lambda cell, _: cells.ref(cell), text, kernels.refs),
        "kind": Spec(lambda cell, _: cells.level(cell, KINDS), text),
        "name": Spec(lambda cell, _: cells.short(cell), text, kernels.names),
        "credit_code": Spec(lambda cell, _: parse_credit_code(cell).value, text),
        "locale": Spec(lambda cell, _: cells.level(cell, LOCALES), text),
        "zone": Spec(lambda cell, _: cells.zone(cell), text),
        "source": Spec(lambda cell, _: _source(cell), text),
        "as_of": Spec(lambda cell, _: cells.day(cell), pa.date32(), kernels.dates),
        "personalised": Spec(lambda cell, _: cells.flag(cell), pa.bool_()),
        "interests": Spec(lambda cell, _: list_cells.tags(cell) or None, None),
        "objectives": Spec(lambda cell, _: list_cells.told_tags(cell), None),
        "benefits": Spec(lambda cell, _: list_cells.told_tags(cell), None),
        "consents": Spec(lambda cell, _: list_cells.consents(cell), None),
        "members": Spec(lambda cell, _: list_cells.members(cell) or None, None),
        "qualifications": Spec(lambda cell, _: list_cells.certificates(cell), None),
        "dependants": Spec(lambda cell, day: list_cells.dependants(cell, day) or None, None, dated=True),
    }


def _source(text: str) -> str:
    found = cells.short(text)
    if found == CORRECTION:
        raise cells.CellError("reserved", "Only a correction that an office accepted has this source.")
    return found
