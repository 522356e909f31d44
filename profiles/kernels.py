"""Canonical spellings, a whole column at a time: what most cells of a file look like.

Each kernel gives the values of the cells it is sure of and null for the others, which the one cell parser then reads.
Where a kernel gives a value it is the parser's: property tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profiles.address import AddressError, parse_address
from profiles.cells import EARLIEST, LATEST, highest, is_whole
from profiles.columns import day
from profiles.facts import Fact

Kernel = Callable[[pa.Array], pa.Array]

_REF = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$"
_TOKEN = r"^[A-Za-z0-9_-]{16,128}$"
_ISO = r"^\d{4}-\d{2}-\d{2}$"
_FIGURE = r"^\d{1,12}(\.\d{1,9})?$"
_MAILBOX = r"^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"


def refs(texts: pa.Array) -> pa.Array:
    """References of letters, digits and signs."""
    return _where(pc.match_substring_regex(texts, _REF), texts)


def tokens(texts: pa.Array) -> pa.Array:
    """Device tokens."""
    return _where(pc.match_substring_regex(texts, _TOKEN), texts)


def names(texts: pa.Array) -> pa.Array:
    """A line of at most 200 characters without control characters."""
    short = pc.less_equal(pc.utf8_length(texts), 200)
    return _where(pc.and_(short, pc.invert(pc.match_substring_regex(texts, r"\p{Cc}"))), texts)


def figures(fact: Fact) -> Kernel:
    """Plain decimal figures within the fact's bounds."""

    def kernel(texts: pa.Array) -> pa.Array:
        values = _where(pc.match_substring_regex(texts, _FIGURE), texts).cast(pa.float64())
        good = pc.less_equal(values, highest(fact))
        return _where(pc.and_(good, pc.equal(values, pc.floor(values))) if is_whole(fact) else good, values)

    return kernel


def dates(texts: pa.Array) -> pa.Array:
    """Days written 2026-03-01."""
    iso = _where(pc.match_substring_regex(texts, _ISO), texts)
    year, month, rest = (
        pc.utf8_slice_codeunits(iso, a, b).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        for a, b in ((0, 4), (5, 7), (8, 10))
    )
    first = ((np.maximum(year, 1) - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days = first.astype("datetime64[D]").astype(np.int64) + rest - 1
    following = (first + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64)
    good = (month >= 1) & (month <= 12) & (rest >= 1) & (days < following)
    good &= (days >= day(EARLIEST)) & (days <= day(LATEST))
    return pa.array(days.astype(np.int32), mask=~good).cast(pa.date32())


def mobiles(texts: pa.Array) -> pa.Array:
    """Eleven digits, with +86 or without, that the numbering plan knows for mobiles -> +86 and eleven digits.

    The plan is phonenumbers' own. Its parser would cut a carrier's code off the front: such numbers are left to it.
    """
    national = pc.utf8_slice_codeunits(texts, -11)
    good = pc.and_(pc.match_substring_regex(texts, r"^(\+86)?1[3-9]\d{9}$"), _in_plan(national))
    return _where(good, pc.binary_join_element_wise("+86", national, ""))


def mailboxes(texts: pa.Array) -> pa.Array:
    """Plain mailboxes, the verdict on each domain being email-validator's own."""
    good = pc.and_(pc.match_substring_regex(texts, _MAILBOX), pc.less_equal(pc.binary_length(texts), 200))
    at = pc.find_substring(texts, "@")
    good = pc.and_(good, pc.less_equal(at, 64))
    halves = pc.split_pattern(_where(good, texts), "@")
    local, domain = pc.list_element(halves, 0), pc.list_element(halves, 1).dictionary_encode()
    known = pa.array([_domain(text) for text in domain.dictionary.to_pylist()], pa.string())
    found = known.take(domain.indices) if len(known) else pa.nulls(len(texts), pa.string())
    return pc.binary_join_element_wise(local, found, "@")


def _where(good: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(pc.fill_null(good, False), values, pa.scalar(None, values.type))


@cache
def _plan() -> tuple[str, str]:
    """phonenumbers' patterns of mainland China: of mobiles, and of what its parser cuts off."""
    from phonenumbers import PhoneMetadata

    plan = PhoneMetadata.metadata_for_region("CN")
    assert plan is not None
    assert plan.mobile is not None
    return f"^(?:{plan.mobile.national_number_pattern})$", f"^(?:{plan.national_prefix_for_parsing})"


def _in_plan(national: pa.Array) -> pa.Array:
    mobile, cut = _plan()
    return pc.and_(pc.match_substring_regex(national, mobile), pc.invert(pc.match_substring_regex(national, cut)))


_DOMAINS: dict[str, str | None] = {}
_MOST_DOMAINS = 10_000


def _domain(text: str | None) -> str | None:
    """The domain as email-validator writes it; None where it refuses it."""
    if text is None:
        return None
    if len(_DOMAINS) > _MOST_DOMAINS:
        _DOMAINS.clear()
    if text not in _DOMAINS:
        try:
            _DOMAINS[text] = parse_address("email", f"x@{text}").value.partition("@")[2]
        except AddressError:
            _DOMAINS[text] = None
    return _DOMAINS[text]
