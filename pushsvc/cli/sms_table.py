"""A campaign's SMS on a terminal: the texts as they arrive, their parts, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator

from pushsvc.cli.tables import columns
from pushsvc.pipeline.sms_cost import SmsCost

_HEAD = ("sms", "units", "parts", "people", "yuan")


def sms_table(found: SmsCost | None) -> Iterator[str]:
    """Lines: a table with its total, then the text of each way; nothing where there are no words."""
    if found is None or not found.ways:
        return
    rows: list[tuple[str, ...]] = [_HEAD]
    for way in found.ways:
        people, yuan = (
            ("-" if way.people is None else f"{way.people:,}"),
            ("-" if way.yuan is None else f"{way.yuan:,.2f}"),
        )
        rows.append((f"{way.locale} {'+'.join(way.routes)}", str(way.units), str(way.parts), people, yuan))
    name = "total" if found.planned else "at most"
    rows.append((name, "", f"{found.parts:,}", f"{found.people:,}", f"{found.yuan:,.2f}"))
    yield from columns(rows)
    yield from (f"  {way.locale}: {way.text}" for way in found.ways)
