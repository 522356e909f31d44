"""Trees -> one program. What is written in several ways (tiers, windows, lists) becomes the same few conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from profiles.columns import day
from profiles.criteria import conditions as c
from profiles.criteria import trees as t
from profiles.criteria.measures import grain
from profiles.criteria.program import ALL, ANY, NOT, Program, program_of
from profiles.criteria.quantities import Held, Measure, measured_facts
from profiles.facts import DEPENDANT_FACTS, FACTS

_DATE_OPS = {"before": "lt", "on_or_before": "le", "after": "gt", "on_or_after": "ge", "valid_on": "ge"}
_BELOW = {"up_to": "le", "below": "lt"}
_ABOVE = {"up_to": "gt", "below": "ge"}


@dataclass(frozen=True)
class Entry:
    """A policy's criteria and the days they may speak of; None: it is matched to nobody."""

    criteria: t.Criteria | None
    deadline: date | None = None
    published: date | None = None


@dataclass
class _Builder:
    """Numbers what it is given, equal things alike: a condition by n >= 0, a node by -n - 1."""

    conditions: dict[c.Condition, int] = field(default_factory=dict)
    nodes: dict[tuple[str, tuple[int, ...]], int] = field(default_factory=dict)

    def condition(self, one: c.Condition) -> int:
        return self.conditions.setdefault(one, len(self.conditions))

    def node(self, op: str, children: Sequence[int]) -> int:
        parts = tuple(sorted(set(children)))
        if not parts:
            return self.condition(c.Always(held=op == ALL))
        if len(parts) == 1 and op != NOT:
            return parts[0]
        return -1 - self.nodes.setdefault((op, parts), len(self.nodes))

    def program(self, roots: Sequence[int | None]) -> Program:
        first = len(self.conditions)

        def final(ref: int) -> int:
            return ref if ref >= 0 else first - 1 - ref

        nodes = [(op, tuple(map(final, children))) for op, children in self.nodes]
        return program_of(list(self.conditions), nodes, [-1 if ref is None else final(ref) for ref in roots])


def compile_entries(entries: Sequence[Entry]) -> tuple[Program, Program]:
    """The program of the trees, and the one of what they ask of family members (roots as in `OfFamily`)."""
    people, family, asked = _Builder(), _Builder(), dict[int, int]()
    roots = [
        None if one.criteria is None else _Tree(people, family, asked, one).ref(one.criteria.root) for one in entries
    ]
    return people.program(roots), family.program(list(asked))


@dataclass(frozen=True)
class _Tree:
    """One entry on its way into the builders; `family_roots`: the family's nodes that are asked for, numbered."""

    builder: _Builder
    family: _Builder
    family_roots: dict[int, int]
    entry: Entry

    def ref(self, node: t.Node) -> int:
        match node:
            case t.Group():
                return self.builder.node(ALL if node.every else ANY, [self.ref(child) for child in node.children])
            case t.Negation():
                return self.builder.node(NOT, [self.ref(node.child)])
            case t.Stage():
                return self.ref(node.rule)
            case t.AnyDependant():
                return self.builder.condition(c.OfFamily(self.family_root(node.child)))
            case t.CountDependants():
                return self.builder.condition(c.OfFamily(self.family_root(node.child), node.op, node.value))
            case _:
                return self.leaf(node)

    def family_root(self, child: t.Node) -> int:
        ref = replace(self, builder=self.family).ref(child)
        return self.family_roots.setdefault(ref, len(self.family_roots))

    def leaf(self, node: t.LeafNode) -> int:
        match node:
            case t.Leaf():
                return self.fact(node)
            case t.Measured():
                return self.compared(node.measure, node.on, node.op, node.value)
            case t.Tiers():
                return self.tiers(node)
            case t.HasQualification():
                plain = replace(node, place="", clause="", on="")
                return self.builder.condition(c.Certified(plain, self.day_of(node.on)))
            case t.Receives():
                held = [self.builder.condition(c.Listed("benefits", word)) for word in node.benefits]
                return self.builder.node(
                    ALL, [self.builder.node(NOT, [ref]) for ref in held] if node.excluded else held
                )
            case t.During():
                ends = (("ge", node.start), ("le", node.end))
                quantity = c.Quantity(c.AskedDay(), self.day_of(node.on))
                asked = [c.Compared(quantity, op, end) for op, end in ends if end is not None]
                return self.builder.node(ALL, [self.builder.condition(one) for one in asked])

    def fact(self, leaf: t.Leaf) -> int:
        fact = FACTS.get(leaf.fact) or DEPENDANT_FACTS[leaf.fact]
        if fact.kind == "set":
            return self.builder.condition(c.Listed(leaf.fact, str(leaf.value)))
        if fact.kind == "code":
            return self.builder.condition(c.OfLevel(replace(leaf, place="", clause="", on="")))
        if fact.kind == "date":
            return self.dated(leaf)
        if fact.kind == "flag":
            quantity = c.Quantity(c.FlagOf(leaf.fact))
            return self.builder.condition(c.Compared(quantity, leaf.op, float(bool(leaf.value))))
        if leaf.op == "in":
            assert isinstance(leaf.value, tuple)
            held = Held(leaf.fact, leaf.year)
            return self.builder.node(ANY, [self.compared(held, leaf.on, "eq", float(one)) for one in leaf.value])
        assert isinstance(leaf.value, (int, float))
        return self.compared(Held(leaf.fact, leaf.year), leaf.on, leaf.op, leaf.value)

    def dated(self, leaf: t.Leaf) -> int:
        quantity = c.Quantity(c.DateOf(leaf.fact))
        if leaf.op == "within_days":
            assert isinstance(leaf.value, int)
            ends = (("ge", 0), ("le", leaf.value))
            return self.builder.node(ALL, [self.against(quantity, op, leaf.on, more) for op, more in ends])
        if isinstance(leaf.value, str):
            return self.against(quantity, _DATE_OPS[leaf.op], leaf.on if leaf.value == "today" else leaf.value, 0)
        assert isinstance(leaf.value, (int, float))
        return self.builder.condition(c.Compared(quantity, _DATE_OPS[leaf.op], leaf.value))

    def against(self, quantity: c.Quantity, op: str, word: str, more: int) -> int:
        """A date against the day that a word names, and so many days more."""
        named = self.day_of(word)
        start = 0 if named is None else day(named)
        return self.builder.condition(c.Compared(quantity, op, start + more, from_today=named is None))

    def compared(self, measure: Measure, on: str, op: str, value: float) -> int:
        return self.builder.condition(c.Compared(c.Quantity(measure, self.asked_on(measure, on)), op, float(value)))

    def tiers(self, node: t.Tiers) -> int:
        """The row that holds and what it asks; or, whatever the row, that every row says yes."""
        facts = (*measured_facts(node.by), *measured_facts(node.of))
        concerned = self.builder.condition(c.Concerned(tuple(sorted(set(facts)))))
        if len({(tier.op, tier.value) for tier in node.rows}) == 1:  # whichever row it is
            last = node.rows[-1]
            return self.builder.node(ALL, [concerned, self.compared(node.of, node.on, last.op, last.value)])
        asked, rows, before = [], [], list[int]()
        for tier in node.rows:
            ref = self.compared(node.of, node.on, tier.op, tier.value)
            here = [self.compared(node.by, node.on, _BELOW[tier.edge], tier.bound)] if tier.edge else []
            rows.append(self.builder.node(ALL, [*before, *here, ref]))
            asked.append(ref)
            before += [self.compared(node.by, node.on, _ABOVE[tier.edge], tier.bound)] if tier.edge else []
        any_row = self.builder.node(ANY, [*rows, self.builder.node(ALL, asked)])
        return self.builder.node(ALL, [concerned, any_row])

    def asked_on(self, measure: Measure, word: str) -> date | None:
        """The day as far as it matters to the quantity: what many policies ask alike is then one condition."""
        named = self.day_of(word)
        if named is None or grain(measure) == "day":
            return named
        return date(named.year, 1, 1) if grain(measure) == "year" else None

    def day_of(self, word: str) -> date | None:
        """The day a word names; None is today, which only the asking knows."""
        if word in ("deadline", "published"):
            return self.entry.deadline if word == "deadline" else self.entry.published
        return date.fromisoformat(word) if word[:1].isdigit() else None
