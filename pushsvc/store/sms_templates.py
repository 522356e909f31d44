"""Templates of SMS by name, language and version, and their filings at vendors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, RowMapping, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.arrays import array
from pushsvc.store.session import rows_cursor
from pushsvc.store.tables import delivery, profile, run, sms_filing, sms_template

# What may follow which state of a filing: the vendor answers, takes it back, or it lapses; then it is filed anew.
FILING: dict[str, frozenset[str]] = {
    "filed": frozenset({"approved", "refused"}),
    "approved": frozenset({"expired", "refused"}),
    "refused": frozenset({"filed"}),
    "expired": frozenset({"filed"}),
}


@dataclass(frozen=True)
class Template:
    """One version of a template in one language; `body` is without a signature, its variables open."""

    id: int
    name: str
    locale: str
    version: int
    kind: str
    body: str
    author: str
    created_at: datetime


@dataclass(frozen=True)
class Filing:
    """A template at one route: the vendor's `code`, the `signature` and `limits` (variable → units) filed with it."""

    id: int
    template: Template
    route: str
    code: str
    signature: str
    limits: Mapping[str, int]
    state: str
    expected_at: date | None
    expires_at: date | None
    reason: str | None
    changed_by: str
    filed_at: datetime
    changed_at: datetime

    def state_on(self, day: date) -> str:
        """The state on a day: an approval does not outlive its last day, whoever marks it."""
        over = self.expires_at is not None and self.expires_at < day
        return "expired" if self.state == "approved" and over else self.state


_TEMPLATE = [sms_template.c[name].label(f"t_{name}") for name in Template.__dataclass_fields__]
_FILED = select(sms_filing, *_TEMPLATE).join(sms_template, sms_template.c.id == sms_filing.c.template_id)


def add_template(conn: Connection, values: Mapping[str, Any]) -> Template:
    """The next version of `name` and `locale`; two who add at once get one each."""
    conn.execute(text("lock table sms_template in share row exclusive mode"))
    same = (sms_template.c.name == values["name"], sms_template.c.locale == values["locale"])
    last = conn.execute(select(func.coalesce(func.max(sms_template.c.version), 0)).where(*same)).scalar_one()
    made = insert(sms_template).values(**values, version=last + 1).returning(sms_template)
    return Template(**conn.execute(made).mappings().one())


def templates(conn: Connection, name: str | None = None) -> list[Template]:
    """All versions, of one name where it is given; by name and language, the newest first."""
    query = select(sms_template).order_by(sms_template.c.name, sms_template.c.locale.desc())
    if name is not None:
        query = query.where(sms_template.c.name == name)
    return [Template(**row) for row in conn.execute(query.order_by(sms_template.c.version.desc())).mappings()]


def filings(conn: Connection, name: str | None = None) -> list[Filing]:
    """All filings by route, of one template's versions where its name is given."""
    query = _FILED.order_by(sms_filing.c.route, sms_filing.c.id)
    if name is not None:
        query = query.where(sms_template.c.name == name)
    return [_filing(row) for row in conn.execute(query).mappings()]


def filing_by_id(conn: Connection, filing_id: int) -> Filing | None:
    """The filing with this number."""
    row = conn.execute(_FILED.where(sms_filing.c.id == filing_id)).mappings().one_or_none()
    return None if row is None else _filing(row)


def filing_at(conn: Connection, template_id: int, route: str) -> Filing | None:
    """The filing of a version at a route, locked."""
    mine = _FILED.where(sms_filing.c.template_id == template_id, sms_filing.c.route == route)
    row = conn.execute(mine.with_for_update(of=sms_filing)).mappings().one_or_none()
    return None if row is None else _filing(row)


def add_filing(conn: Connection, values: Mapping[str, Any]) -> bool:
    """A first filing of a version at a route; False where somebody else filed it this moment."""
    made = upsert(sms_filing).values(**values).on_conflict_do_nothing().returning(sms_filing.c.id)
    return conn.execute(made).first() is not None


def move_filing(conn: Connection, filing_id: int, state: str, values: Mapping[str, Any]) -> bool:
    """Change a filing's state where FILING allows it, and say whether it did."""
    sources = [source for source, after in FILING.items() if state in after]
    mine = update(sms_filing).where(sms_filing.c.id == filing_id, sms_filing.c.state.in_(sources))
    return conn.execute(mine.values(state=state, **values)).rowcount == 1


def approved(conn: Connection, name: str, on: date) -> list[Filing]:
    """Every filing of a template's versions that serves on a day."""
    lasting = or_(sms_filing.c.expires_at.is_(None), sms_filing.c.expires_at >= on)
    query = _FILED.where(sms_template.c.name == name, sms_filing.c.state == "approved", lasting)
    return [_filing(row) for row in conn.execute(query.order_by(sms_filing.c.id)).mappings()]


@dataclass(frozen=True)
class RunWords:
    """What a run has to say in an SMS: its kind, a system message's ciphertext, and its campaign's choices."""

    kind: str
    content: bytes | None
    own: Mapping[str, Mapping[str, str]]
    template: str
    versions: Mapping[str, int]


def run_words(conn: Connection, run_id: int) -> RunWords:
    """Of a run. Raises LookupError where there is none."""
    row = rows_cursor(conn).execute(_RUN, (run_id,)).fetchone()
    if row is None:
        raise LookupError(f"There is no run {run_id}.")
    content = None if row["content"] is None else bytes(row["content"])
    return RunWords(row["kind"], content, row["own"] or {}, row["sms_template"] or "", row["sms_words"] or {})


_RUN = """
    select run.kind, run.content, campaign.content as own, campaign.sms_template, campaign.sms_words
    from run left join campaign on campaign.id = run.campaign_id where run.id = %s
"""


def put_off(conn: Connection, ids: Sequence[int], code: str, now: datetime) -> None:
    """Say of planned deliveries why they wait; nothing of them left, and it counts as no attempt."""
    mine = (delivery.c.id == func.any(array(ids, BigInteger)), delivery.c.state == "planned")
    conn.execute(update(delivery).where(*mine).values(code=code, updated_at=now))


def sms_by_language(conn: Connection, campaign_id: int) -> dict[str, int]:
    """A campaign's SMS, sent or still to be sent, by the language of their recipients: zh, en."""
    english = func.coalesce(profile.c.locale.like("en%"), False)
    query = (
        select(english, func.count())
        .select_from(delivery)
        .join(run, run.c.id == delivery.c.run_id)
        .outerjoin(profile, profile.c.id == delivery.c.recipient_id)
        .where(run.c.campaign_id == campaign_id, delivery.c.channel == "sms")
        .where(delivery.c.state.not_in(("refused", "cancelled", "expired", "not_needed")))
        .group_by(english)
    )
    return {"en" if is_english else "zh": int(n) for is_english, n in conn.execute(query)}


def _filing(row: RowMapping) -> Filing:
    template = Template(**{name: row[f"t_{name}"] for name in Template.__dataclass_fields__})
    own = {name: row[name] for name in Filing.__dataclass_fields__ if name != "template"}
    return Filing(template=template, **own)
