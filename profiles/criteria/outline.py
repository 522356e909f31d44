"""A whole tree in words, Chinese and English, a line a node: what an author reads before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from profiles.criteria.pairs import Pair, figure
from profiles.criteria.phrases import asked, compared_words
from profiles.criteria.trees import (
    LEAF_NODES,
    AnyDependant,
    CountDependants,
    Criteria,
    Group,
    Negation,
    Node,
    Stage,
)

_ALL: Pair = ("以下全部满足", "All of these")
_ANY: Pair = ("以下满足其一", "Any of these")
_NOT: Pair = ("以下不成立", "This is not so")
_EVERYBODY: Pair = ("所有人", "everybody")
_NOBODY: Pair = ("无人适用", "nobody")
_FOR_SUBSCRIBERS: Pair = ("不作资格匹配,只供订阅", "matched to nobody, for subscribers only")
_MEMBER: Pair = ("有这样的家庭成员", "A family member of whom this is so")


@dataclass(frozen=True)
class Line:
    """One node: its place in the tree, how deep it stands, its words; what it holds follows, one deeper."""

    place: str
    depth: int
    zh: str
    en: str
    clause: str = ""

    def words(self, locale: str) -> str:
        """The line in one language, with the clause of the policy it stands for."""
        chinese = locale.startswith("zh")
        text = self.zh if chinese else self.en
        if not self.clause:
            return text
        return f"{text}({self.clause})" if chinese else f"{text} ({self.clause})"


def outline(criteria: Criteria | None) -> tuple[Line, ...]:
    """Every node in reading order."""
    if criteria is None:
        return (Line("", 0, *_FOR_SUBSCRIBERS),)
    return tuple(_lines(criteria.root, 0))


def _lines(node: Node, depth: int) -> Iterator[Line]:
    if isinstance(node, LEAF_NODES):
        yield Line(node.place, depth, *asked(node, negated=False), node.clause)
        return
    match node:
        case Group():
            yield Line(node.place, depth, *_heading(node))
            below = node.children
        case Negation() if isinstance(node.child, LEAF_NODES):
            yield Line(node.place, depth, *asked(node.child, negated=True), node.child.clause)
            below = ()
        case Negation():
            yield Line(node.place, depth, *_NOT)
            below = (node.child,)
        case AnyDependant():
            yield Line(node.place, depth, *_MEMBER, node.clause)
            below = (node.child,)
        case CountDependants():
            yield Line(node.place, depth, *_count(node), node.clause)
            below = (node.child,)
        case Stage():
            yield Line(node.place, depth, f"处于{node.name}阶段", f"in the stage {node.name}", node.clause)
            below = ()
    for child in below:
        yield from _lines(child, depth + 1)


def _heading(group: Group) -> Pair:
    if not group.children:
        return _EVERYBODY if group.every else _NOBODY
    return _ALL if group.every else _ANY


def _count(node: CountDependants) -> Pair:
    zh, en = compared_words(node.op, figure(node.value, ("位", "")))
    return f"这样的家庭成员{zh}", f"Family members of whom this is so: {en}"
