"""What is wrong with a tree that parses: conditions that nobody, or everybody, meets; conditions that change nothing.

Found by trying every case on each side of each boundary. What is reported is surely so; facts that depend on each other
(age and date of birth) are taken as free, so that not everything is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np

from profiles.criteria.coarser import coarser_regions
from profiles.criteria.compiling import Entry, compile_entries
from profiles.criteria.conditions import Compared
from profiles.criteria.leaves import Days
from profiles.criteria.parameters import NO_PARAMETERS, Parameters
from profiles.criteria.parsing import parse
from profiles.criteria.points import Variable, variables_of
from profiles.criteria.program import Program
from profiles.criteria.structure import structure_flaws
from profiles.criteria.suggesting import suggestions
from profiles.criteria.trees import AnyDependant, CountDependants, Criteria, CriteriaError, Group, Negation, Node
from profiles.criteria.truths import NO, YES, Truth
from profiles.standards.regions import name_of

MOST_CASES = 20_000
_WORDS = {
    "contradictory": ("没有人能同时满足这些条件", "Nobody can meet these conditions together."),
    "empty_range": ("这个范围里没有任何值", "No value lies in this range."),
    "always_true": (
        "凡有此项信息的都满足,等于没有条件",
        "Everybody who can have the fact meets this: it is no condition.",
    ),
    "redundant": ("去掉这个条件,结果不变", "Without this condition the answers are the same."),
}
_NOTED = ("unreached_tier", "covered_code", "unlisted_code", "only_self_employed")
_HARMLESS = frozenset({"always_true", "redundant", "coarser_region", *_NOTED})


@dataclass(frozen=True)
class Flaw:
    """What is wrong, where (`all[2].any[0]`), in words; `close`: what the author may have meant."""

    code: str
    place: str
    zh: str
    en: str
    close: tuple[str, ...] = ()

    @property
    def harmful(self) -> bool:
        """Whether the tree must not be used as it stands: it cannot be read, or reaches nobody."""
        return self.code not in _HARMLESS


def lint(tree: object, *, days: Days, parameters: Parameters = NO_PARAMETERS) -> tuple[Flaw, ...]:
    """Every flaw found, in reading order; of a tree that does not parse only that."""
    try:
        criteria = parse(tree, parameters=parameters, on=days.on)
    except CriteriaError as exc:
        close = suggestions(exc, tree)
        hint = f",是否为 {'、'.join(close)}" if close else ""
        return (Flaw(exc.code, exc.place, f"条件不能识别({exc.code}){hint}", exc.sentence, close),)
    found = tuple(_flaws(criteria.root, days))
    known = {(flaw.code, flaw.place) for flaw in found}
    shown = (Flaw(*one) for one in structure_flaws(criteria.root) if one[:2] not in known)
    return (*found, *shown, *_coarser(tree))


def _coarser(tree: object) -> Iterator[Flaw]:
    """Streets read as their counties: the tree reaches more people than was written."""
    for place, code, wider in coarser_regions(tree):
        zh = f"没有 {code} 的街道资料,按 {name_of(wider)}({wider})计"
        yield Flaw("coarser_region", place, zh, f"No streets are held there: {code} is read as {wider}.", (wider,))


def _flaws(root: Node, days: Days) -> Iterator[Flaw]:
    nodes = list(_walk(root))
    program, _ = compile_entries([Entry(Criteria(node, frozenset()), days.deadline, days.published) for node in nodes])
    trial = _Trial(program, tuple(variables_of(program, days.on)), {id(node): i for i, node in enumerate(nodes)})
    found = list(_settled(trial, nodes))
    places = {flaw.place for flaw in found}
    yield from found
    for node in nodes:
        if isinstance(node, Group) and not places.intersection((node.place, *(child.place for child in node.children))):
            yield from _redundant(trial, node)
        if isinstance(node, (AnyDependant, CountDependants)):
            yield from _flaws(node.child, days)


def _walk(node: Node) -> Iterator[Node]:
    """The node and those below it that are answered from the same rows, children first."""
    for child in _below(node):
        yield from _walk(child)
    yield node


def _below(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Group):
        return node.children
    # "ne" on a code is read as a negation: one condition of the author's, at one place.
    return (node.child,) if isinstance(node, Negation) and node.child.place != node.place else ()


@dataclass(frozen=True)
class _Trial:
    """A program with the cases of its variables; `number`: which root each node is."""

    program: Program
    variables: Sequence[Variable]
    number: dict[int, int]

    def values(self, nodes: Sequence[Node]) -> Truth | None:
        """uint8[len(nodes), cases]: the nodes in every case of what they ask for; None where there are too many."""
        roots = self.program.roots[[self.number[id(node)] for node in nodes]]
        asked = self.program.conditions_below(roots)
        behind = [one for one in self.variables if asked[one.at].any()]
        cases = prod(one.cases for one in behind)
        if cases > MOST_CASES:
            return None
        truths = np.full((len(self.program.conditions), cases), NO, dtype=np.uint8)
        repeat = 1
        for one in behind:
            pattern = np.arange(cases) // repeat % one.cases
            truths[one.at] = one.truths[:, pattern]
            repeat *= one.cases
        return self.program.run(truths)[roots]

    def quantities(self, node: Node) -> int:
        """How many subjects the node asks for; 0 where one of them is no number or date."""
        asked = self.program.conditions_below(self.program.roots[[self.number[id(node)]]])
        behind = [one for one in self.variables if asked[one.at].any()]
        plain = all(isinstance(self.program.conditions[one.at[0]], Compared) for one in behind)
        return len(behind) if plain else 0


def _settled(trial: _Trial, nodes: Sequence[Node]) -> Iterator[Flaw]:
    """Nodes with one answer for everybody; what stands above such a node is not reported again."""
    spoilt: set[int] = set()
    for node in nodes:
        below = _below(node)
        if any(id(child) in spoilt for child in below):
            spoilt.add(id(node))
            continue
        values = None if isinstance(node, Group) and node.every and not below else trial.values([node])
        if values is None or not (values == values[0, 0]).all() or values[0, 0] not in (NO, YES):
            continue
        spoilt.add(id(node))
        code = (
            "always_true" if values[0, 0] == YES else "empty_range" if trial.quantities(node) == 1 else "contradictory"
        )
        yield Flaw(code, node.place, *_WORDS[code])


def _redundant(trial: _Trial, group: Group) -> Iterator[Flaw]:
    """Children that the others imply; of two that say the same the later one."""
    values = trial.values(group.children) if len(group.children) > 1 else None
    if values is None:
        return
    combine, decisive = (np.minimum, YES) if group.every else (np.maximum, NO)
    kept = list(range(len(group.children)))
    for i in reversed(range(len(group.children))):
        others = [row for row in kept if row != i]
        if not others:
            return
        rest = reduce(combine, (values[row] for row in others))
        if (values[i][rest == decisive] == decisive).all():
            kept = others
            yield Flaw("redundant", group.children[i].place, *_WORDS["redundant"])
