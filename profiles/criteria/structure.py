"""Flaws that a node shows by itself, without a case to try: rows nobody reaches, codes inside codes, kinds apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from profiles.criteria.leaves import facts_of
from profiles.criteria.trees import (
    AnyDependant,
    CountDependants,
    Group,
    Leaf,
    Measured,
    Negation,
    Node,
    Stage,
    Tier,
    Tiers,
)
from profiles.facts import ALL, FACTS
from profiles.standards import industries
from profiles.standards.industries import industry_states
from profiles.standards.regions import region_states

Found = tuple[str, str, str, str]  # code, place, Chinese, English
_BOTH = frozenset({"self_employed"})  # the one kind with the facts of a person and of a firm


def structure_flaws(node: Node) -> Iterator[Found]:
    """Every such flaw of the node and of all below it, in reading order."""
    match node:
        case Tiers():
            yield from _unreached(node)
        case Leaf(value=tuple()):
            yield from _codes(node)
        case Group():
            yield from _kinds_apart(node)
            for child in node.children:
                yield from structure_flaws(child)
        case Negation() | AnyDependant() | CountDependants():
            yield from structure_flaws(node.child)
        case _:
            pass


def _unreached(node: Tiers) -> Iterator[Found]:
    for i, row in enumerate(node.rows):
        if row.edge and any(_covers(before, row) for before in node.rows[:i]):
            at = f"{node.place}.tiers[{i}]" if node.place else f"tiers[{i}]"
            yield (
                "unreached_tier",
                at,
                "前面的档已包含这一档,永远轮不到它",
                "An earlier row takes all that this one is for.",
            )


def _covers(before: Tier, row: Tier) -> bool:
    return row.bound < before.bound or (row.bound == before.bound and (before.edge == "up_to" or row.edge == "below"))


def _codes(leaf: Leaf) -> Iterator[Found]:
    assert isinstance(leaf.value, tuple)
    codes = [str(code) for code in leaf.value]
    at = f"{leaf.place}.{leaf.op}" if leaf.place else leaf.op
    for i, code in enumerate(codes):
        # Streets that are read as one county are told as that: two of them are no slip of the author's.
        twice = leaf.op != "in_region"
        others = [other for j, other in enumerate(codes) if other != code or (twice and j < i)]
        if others and _within(leaf.op, code, others):
            yield "covered_code", at, f"{code} 已包含在其他代码里", f"{code} is within another code named here."
        if leaf.op == "in_industry" and code not in industries.table():
            yield (
                "unlisted_code",
                at,
                f"国民经济行业分类里没有 {code},按其中类理解",
                f"{code} is in no list of industries.",
            )


def _within(op: str, code: str, others: Sequence[str]) -> bool:
    if op == "in_region":
        return bool(region_states((code,), others)[0] == 1)
    return bool(industry_states((code,), others)[0] == 1) if op == "in_industry" else code in others


def _kinds_apart(group: Group) -> Iterator[Found]:
    """Facts of a person beside those of a firm: no kind of profile has both but the self-employed."""
    if not group.every or not group.children:
        return
    kinds = [_kinds(child) for child in group.children]
    common = reduce(frozenset.intersection, kinds)
    if not common and all(kinds):
        yield (
            "contradictory",
            group.place,
            "没有哪类主体同时有这些信息",
            "No kind of profile can have all of these facts.",
        )
    elif common == _BOTH and _BOTH not in kinds:
        zh, en = (
            "同时用到个人和企业的信息,只有个体工商户会满足",
            "Facts of a person and of a firm: only the self-employed.",
        )
        yield "only_self_employed", group.place, zh, en


def _kinds(node: Node) -> frozenset[str]:
    """The kinds for which the node may be yes; too many rather than too few."""
    match node:
        case Leaf(fact="kind", op="eq" | "in"):
            return frozenset(node.value if isinstance(node.value, tuple) else (node.value,))  # type: ignore[arg-type]  # levels are words
        case Leaf() | Measured() | Tiers():
            known = [FACTS[name].subjects for name in facts_of(node) if name in FACTS]
            return reduce(frozenset.intersection, known, ALL)
        case Group() if node.every:
            return reduce(frozenset.intersection, map(_kinds, node.children), ALL)
        case Group():
            return reduce(frozenset.union, map(_kinds, node.children), frozenset[str]())
        case Stage():
            return _kinds(node.rule)
        case _:
            return ALL
