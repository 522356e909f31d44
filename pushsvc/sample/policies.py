"""The city's policies as rows for the import: twenty written one by one, then variations of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from pushsvc.sample.data_files import load
from pushsvc.sample.places import RAIN, code_of
from pushsvc.sample.variations import variations
from pushsvc.sample.wording import Scope, body_of, fill, fill_criteria, values_of

Policy = dict[str, Any]
_COPIED = ("kind", "topic", "themes", "tags")
_HOST = "https://www.jianglan.example/policies"


def city_policies(on: date, n: int) -> list[Policy]:
    """The first `n` policies, ready for the import: the twenty, then variations by scope, year, amount and event."""
    base = sorted(
        (spec for name in ("base_enterprise", "base_people") for spec in load(name)), key=lambda s: str(s["ref"])
    )
    found = [_base_policy(spec, on) for spec in base[:n]]
    made: Iterator[Policy] = (
        rendered(spec, scope, ref=ref, family=family, event=event, days=days)
        for spec, scope, ref, family, event, days in variations(on)
    )
    for policy in made:
        if len(found) >= n:
            break
        found.append(policy)
    return found


def _base_policy(spec: Policy, on: date) -> Policy:
    days: dict[str, date] = {
        name: on + timedelta(days=spec[name])
        for name in ("written", "published", "opens", "closes", "valid")
        if name in spec
    }
    scope = Scope(code_of(spec["region"]), on.year, 0, days.get("opens"), days.get("closes"), RAIN)
    event = str(spec["event"]).format(year=on.year, on=on.isoformat())
    return rendered(spec, scope, ref=spec["ref"], family=spec["family"], event=event, days=days)


def rendered(spec: Policy, scope: Scope, *, ref: str, family: str, event: str, days: dict[str, date]) -> Policy:
    """One policy: every text filled from the numbers, the criteria from the same numbers."""
    values = values_of(spec, scope)
    texts: dict[str, str] = {
        name: fill(spec[name], values) for name in ("title", "doc_no", "agency", "summary", "amount") if name in spec
    }
    policy: Policy = {"ref": ref, "family": family, "event": event, **{name: spec[name] for name in _COPIED}, **texts}
    policy |= {"region": scope.region, "industries": spec.get("industries", [])}
    policy |= {"body": body_of(spec["clauses"], values), "criteria": fill_criteria(spec["criteria"], values)}
    policy |= {"mandatory": spec.get("mandatory", False), "sensitive": spec.get("sensitive", False)}
    names = ("date_written", "date_published", "window_opens", "window_closes", "valid_to")
    given = zip(names, ("written", "published", "opens", "closes", "valid"), strict=True)
    policy |= {name: days[key].isoformat() for name, key in given if key in days}
    return policy | {"url": f"{_HOST}/{ref}"}
