"""The gate: what is wrong with one text by itself, and among many. A person decides on what blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from pushsvc.texts.findings import agency, among, amount, dates, draft, error_page, letters, result_list, truncated
from pushsvc.texts.findings.shape import Finding, Page
from pushsvc.texts.fingerprints import Fingerprint
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.raw import RawText

__all__ = ["Finding", "findings", "findings_among", "is_blocked"]

_NO_TEXT = {"no_body", "error_page", "mojibake", "wrong_language"}


def findings(text: PolicyText, raw: RawText, *, today: date | None = None) -> tuple[Finding, ...]:
    """All findings on one text, those that block first. `today`: the day after which a date lies in the future.

    Where there is no text (an error page, broken letters), nothing is said about how it ends or what sums it names.
    """
    page = Page(text, raw)
    found = [*error_page.find(page), *letters.find(page)]
    if any(one.code == "error_page" for one in found):
        found = [one for one in found if one.code not in {"no_body", "wrong_language"}]
    found += [*result_list.find(page), *draft.find(page)]
    if not {one.code for one in found} & _NO_TEXT:
        found += [*truncated.find(page), *amount.find(page)]
    found += [*agency.find(page), *dates.find(page, today)]
    return tuple(sorted(found, key=lambda one: not one.blocking))


def findings_among(texts: Sequence[Fingerprint], held: Iterable[Fingerprint]) -> dict[str, tuple[Finding, ...]]:
    """Findings by ref on texts that repeat another, or bear another's number; `held` and earlier ones came first."""
    return among.find(texts, held)


def is_blocked(found: Iterable[Finding]) -> bool:
    """Whether a person has to look before it may be published."""
    return any(one.blocking for one in found)
