"""Choose an industry or a place by word, by code, or down the tree; the code goes back to the form that asked.

`next`: the path of that form; `field`: the argument in which it wants the code. All other arguments of the address are
what was filled in there: they go back with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from profiles.standards import industries_finding as industries
from profiles.standards import regions_finding as places
from profiles.standards.industries import Industry
from profiles.standards.regions_table import Region
from pushsvc.pipeline.own_wishes import place_of
from pushsvc.web.access import acting, current_person, safe_path
from pushsvc.web.current import context
from pushsvc.web.i18n import t

blueprint = Blueprint("choosers", __name__)

MOST = 60  # results shown at once
LONGEST = 60  # characters of what is looked for
OWN = ("next", "field", "q", "in")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Place:
    """One line: the code with its name, what holds it where that says more, where it leads down, and back with it."""

    code: str
    name: str
    above: str = ""
    down: str = ""
    pick: str = ""


@dataclass(frozen=True)
class Asked:
    """Who asked: the path, its field, and what was filled in there."""

    next: str
    field: str
    rest: Sequence[tuple[str, str]]

    def back(self, code: str | None = None) -> str:
        """The form again, with the code first in its field; without one, as it was left."""
        parts = urlsplit(self.next)
        held = parse_qsl(parts.query, keep_blank_values=True)
        if code is not None:
            held = [pair for pair in held if pair[0] != self.field]
        query = urlencode([*([(self.field, code)] if code else []), *held, *self.rest])
        return parts._replace(query=query).geturl()

    def here(self, endpoint: str, **own: str) -> str:
        """This chooser at another place."""
        return (
            f"{url_for(endpoint)}?{urlencode([('next', self.next), ('field', self.field), *own.items(), *self.rest])}"
        )


@blueprint.get("/m/choose/industry")
@acting("read")
def industry() -> ResponseReturnValue:
    """Industries of GB/T 4754-2017."""
    asked, typed, at = _asked()
    line = industries.lineage(at)
    if at and not line:
        abort(404)

    def shown(rows: Iterable[Industry], *, paths: bool = False) -> list[Place]:
        return [
            Place(row.code, row.name, _above(industries.lineage(row.code)) if paths else "", *_ways(asked, row.code))
            for row in rows
        ]

    found = industries.find(typed) if typed else ()
    lines = shown(found[:MOST], paths=True) if typed else shown(industries.children(at))
    return _page("industry", asked, typed, (line, lines, len(found)))


@blueprint.get("/m/choose/region")
@acting("read")
def region() -> ResponseReturnValue:
    """Places from provinces down to streets, beginning at the reader's own city."""
    asked, typed, at = _asked()
    home = place_of(context(), current_person().profile_id)
    at = at or _city(home)
    line = places.line(at)
    if not line:
        abort(404)

    def shown(rows: Iterable[Region], *, paths: bool = False) -> list[Place]:
        return [
            Place(row.code, row.name, _above(places.line(row.code)[1:]) if paths else "", *_ways(asked, row.code))
            for row in rows
        ]

    found = places.find(typed, home) if typed else ()
    lines = shown(found[:MOST], paths=True) if typed else shown(places.children(at))
    return _page("region", asked, typed, (line, lines, len(found)))


def _page(
    what: str, asked: Asked, typed: str, held: tuple[Sequence[Industry | Region], list[Place], int]
) -> ResponseReturnValue:
    line, lines, total = held
    endpoint = f"choosers.{what}"
    start = {"in": places.NATION} if what == "region" else {}
    crumbs = [(t("全部行业"), asked.here(endpoint))] if what == "industry" else []
    crumbs += [(one.name, asked.here(endpoint, **{"in": one.code})) for one in line]
    whole = line[-1] if line and line[-1].code != places.NATION else None
    return render_template(
        "m/choose.html",
        what=what,
        asked=asked,
        typed=typed,
        crumbs=crumbs,
        start=asked.here(endpoint, **start),
        whole=whole,
        lines=lines,
        total=total,
        most=MOST,
        no_streets=what == "region" and not typed and not lines and getattr(whole, "level", "") == "county",
    )


def _asked() -> tuple[Asked, str, str]:
    """Who asked; what is looked for; where in the tree."""
    path, field = safe_path(request.args.get("next"), ""), request.args.get("field", "")
    if not path or not _FIELD.fullmatch(field) or field in OWN:
        abort(400)
    rest = [(name, value) for name, value in request.args.items(multi=True) if name not in OWN]
    return Asked(path, field, rest), request.args.get("q", "").strip()[:LONGEST], request.args.get("in", "")


def _ways(asked: Asked, code: str) -> tuple[str, str]:
    """Down the tree, where there is more below; and back with the code."""
    below: Callable[[str], Sequence[object]] = places.children if code.isdecimal() else industries.children
    endpoint = "choosers.region" if code.isdecimal() else "choosers.industry"
    return asked.here(endpoint, **{"in": code}) if below(code) else "", asked.back(code)


def _above(line: Sequence[Industry | Region]) -> str:
    return " › ".join(one.name for one in line[:-1])


def _city(home: str | None) -> str:
    """The reader's city, to begin with; the nation where that is not known."""
    line = places.line(home) if home else ()
    return next((one.code for one in line if one.level == "city"), line[-1].code if line else places.NATION)
