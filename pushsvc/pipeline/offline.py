"""The offline list: whom a campaign could not reach, by street and reason, for those who can knock on a door."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from profiles.address import mask_name
from profiles.standards import regions
from pushsvc.context import Context
from pushsvc.keyring import KeyringError
from pushsvc.pipeline.errors import PipelineError
from pushsvc.store import audit, campaigns
from pushsvc.store.offline import REASONS, Unreached, unreached, unreached_by_place
from pushsvc.store.session import transaction

__all__ = [
    "COLUMNS",
    "NAMES",
    "REASONS",
    "Line",
    "OfflineError",
    "Place",
    "Totals",
    "as_csv",
    "lines",
    "place_name",
    "totals",
]

NAMES = {
    "bounced": ("退回：地址已失效", "came back: the address is dead"),
    "rejected": ("被服务商退回", "turned down by the provider"),
    "gave_up": ("多次重试未成", "tried again and again in vain"),
    "expired": ("过期未发", "expired before it was sent"),
    "suppressed": ("号码已停用", "number or mailbox out of use"),
    "no_basis": ("未曾征得同意", "was never asked for consent"),
    "no_guardian_consent": ("缺监护人同意", "no consent of a guardian"),
    "no_address": ("没有联系方式", "no address"),
}
COLUMNS = ("district", "street", "profile", "name", "kind", "reason", "channel", "addresses", "at")
_CHINESE = ("区县", "街道", "档案号", "姓名", "类别", "原因", "渠道", "联系方式", "时间")
_UNKNOWN = ("街道不详", "Street unknown")
_FORMULA = (*"=+-@", *"＝＋－＠", *"\t\r\n")  # how a cell begins that a spreadsheet would work out


class OfflineError(PipelineError):
    """There is no such list; `code` says why."""


@dataclass(frozen=True)
class Place:
    """A street, or a district whose streets are not known (`street` ""), or nowhere (both ""): codes, and counts."""

    district: str
    street: str
    reasons: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of the place."""
        return sum(self.reasons.values())


@dataclass(frozen=True)
class Totals:
    """Counts of profiles. `places`: by district, the most first, in it the streets likewise."""

    places: tuple[Place, ...]
    reasons: Mapping[str, int]

    @property
    def total(self) -> int:
        """All that could not be reached."""
        return sum(self.reasons.values())


@dataclass(frozen=True)
class Line:
    """One profile of the list, masked."""

    district: str
    street: str
    row: Unreached
    name: str


def totals(ctx: Context, campaign_id: int) -> Totals:
    """The list's figures as they are now. Raises OfflineError: unknown_campaign."""
    with transaction(ctx.engine) as conn:
        rows = unreached_by_place(conn, campaign_id, _campaign(conn, campaign_id)["policy_topic"])
    by_place: dict[tuple[str, str], Counter[str]] = {}
    for region, reason, n in rows:
        by_place.setdefault(place_of(region), Counter())[reason] += n
    of = Counter({district: 0 for district, _ in by_place})
    for (district, _), counts in by_place.items():
        of[district] += counts.total()
    places = [Place(*place, _in_order(counts)) for place, counts in by_place.items()]
    places.sort(key=lambda one: (-of[one.district], one.district, -one.total, one.street))
    return Totals(tuple(places), _in_order(sum(by_place.values(), Counter())))


def lines(ctx: Context, campaign_id: int, *, actor: str) -> list[Line]:
    """Everybody on the list, by place; that `actor` took it is written down. Raises OfflineError: unknown_campaign."""
    with transaction(ctx.engine) as conn:
        rows = unreached(conn, campaign_id, _campaign(conn, campaign_id)["policy_topic"])
        object_, detail = f"campaign:{campaign_id}", {"shown": len(rows)}
        audit.record(conn, at=ctx.clock(), actor=actor, action="offline.read", object=object_, detail=detail)
    return [Line(*place_of(row.region), row, mask_name(_plain(ctx, row.name))) for row in rows]


def place_of(code: str | None) -> tuple[str, str]:
    """(district, street) codes of a region; "" where it does not say. What is above a district stands for itself."""
    above = regions.lineage(code or "")
    level = {regions.table()[one].level: one for one in reversed(above)}
    wider = above[0] if above else code or ""
    return level.get("county", wider), level.get("street", "")


def place_name(place: Place | Line, *, english: bool = False) -> tuple[str, str]:
    """What the district and the street are called; a street that is not known says so."""
    district = regions.name_of(place.district) if place.district else ("地区不详", "Place unknown")[english]
    return district, regions.name_of(place.street) if place.street else _UNKNOWN[english]


def as_csv(found: Iterable[Line], *, english: bool = False) -> Iterator[str]:
    """The list as CSV, a piece a line, head first; no cell is one that a spreadsheet would take for a formula."""
    yield _row(COLUMNS if english else _CHINESE)
    for one in found:
        district, street = place_name(one, english=english)
        row, reason = one.row, NAMES[one.row.reason][english]
        cells = (district, street, str(row.profile_id), one.name, row.kind, reason, row.channel or "")
        yield _row((*cells, " ".join(row.masks), row.at.isoformat(timespec="seconds")))


def safe_cell(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would work it out."""
    return "'" + text if text.startswith(_FORMULA) else text


def _row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def _in_order(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], REASONS.index(pair[0]))))


def _campaign(conn: Connection, campaign_id: int) -> RowMapping:
    row = campaigns.get_campaign(conn, campaign_id)
    if row is None:
        raise OfflineError("unknown_campaign", f"There is no campaign {campaign_id}.")
    return row


def _plain(ctx: Context, cipher: bytes | None) -> str:
    try:
        return ctx.keyring.decrypt(cipher, "profile:name") if cipher is not None else ""
    except KeyringError:
        return ""
