"""What stands near a region or an industry in its tree: what holds it, and what stands beside and below it."""

from __future__ import annotations

from functools import lru_cache

from profiles.standards import industries, regions

Options = tuple[tuple[str, str, str], ...]  # what stands in the tree, then its name in Chinese and in English
_MOST = 60


@lru_cache(maxsize=256)
def near_regions(code: str) -> Options:
    """The region, all above it, its neighbours and its parts; nothing for an unknown code."""
    table = regions.table()
    found = table.get(code)
    if found is None:
        return ()
    known = (one for one in table.values() if not (one.successors or one.until or one.ask))
    near = sorted(one.code for one in known if one.parent in (found.parent, code))
    above = reversed([one for one in regions.lineage(code) if one not in (regions.NATION, code)])
    chosen = dict.fromkeys([*above, code, *near[:_MOST]])
    return tuple((one, f"{regions.name_of(one)} {one}", f"{regions.name_of(one)} {one}") for one in chosen)


@lru_cache(maxsize=256)
def near_industries(text: str) -> Options:
    """Every section, the industry and all that hold it."""
    code = industries.canonical(text)
    own = [text] if text != code else []
    above = [one for one in industries.table() if len(one) == 1 or industries.covers(one, code)]
    names = {one: industries.name_of(industries.canonical(one)) for one in [*own, *sorted({*above, code})]}
    return tuple((one, f"{one} {name}", f"{one} {name}") for one, name in names.items())
