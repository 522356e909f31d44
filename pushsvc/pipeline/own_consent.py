"""Whether a person may agree alone to the use of sensitive facts: below fourteen only with the guardian's consent."""

from __future__ import annotations

from datetime import date

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.store.consents import ledger
from pushsvc.store.contacts import OWN_CONSENT
from pushsvc.store.people import profile_by_id
from pushsvc.store.session import transaction


def may_agree(ctx: Context, profile_id: int) -> bool:
    """PIPL 31. True from the fourteenth birthday on, where no birthday is known, and where a guardian consented."""
    with transaction(ctx.engine) as conn:
        found = profile_by_id(conn, profile_id)
        born = found.facts.get("birth_date") if found else None
        if not isinstance(born, date) or not _younger(born, city_day(ctx)):
            return found is not None
        said = [entry.given for entry in ledger(conn, profile_id) if entry.purpose == "guardian"]
    return bool(said) and said[-1]


def _younger(born: date, today: date) -> bool:
    return (today.year - born.year, (today.month, today.day)) < (OWN_CONSENT, (born.month, born.day))
