"""The pages of subscriptions: the list with what each would have brought, the form, and the preview of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, url_for

from pushsvc.pipeline.own_wishes import asked_for, place_of
from pushsvc.pipeline.wish_choices import agencies_found, ready_wishes
from pushsvc.pipeline.wish_counts import DAYS, Brought, brought, lately
from pushsvc.store import people, reading
from pushsvc.store.access import Person
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Subscription, Wish, live_subscriptions
from pushsvc.web.access import current_person
from pushsvc.web.current import context
from pushsvc.web.labels import CADENCES, TOPICS
from pushsvc.web.wish_form import KEY_OF, Form, address_of, cells_of
from pushsvc.web.wish_words import brought_words, keyword_words, value_name, wish_kinds, wish_name

SAMPLES = 5
MOST_THEMES = 40  # offered while one types
OF_FIELD = {"theme": "主题", "industry": "行业", "region": "地区", "agency": "机关"}


def wish_rows(who: Person) -> list[dict[str, object]]:
    """The live subscriptions of whom the reader acts for, as the list shows them (`w.list` of m/wishes.html)."""
    with transaction(context().engine) as connection:
        mine = live_subscriptions(connection, [who.profile_id])
        counts = _counted(connection, [one.wish for one in mine], most=1)
    return [_row(one.wish, found) | {"id": one.id} for one, found in zip(mine, counts, strict=True)]


def form_page(
    form: Form, *, held: Subscription | None = None, finding: bool = False, judged: bool = True, trouble: str = ""
) -> str:
    """The form. `finding`: an agency is looked for; `judged`: what is wrong is said; `trouble`: what else hinders."""
    who, sought = current_person(), form.typed.get("agency", "")
    with transaction(context().engine) as connection:
        known = lately(connection, context())
        ready = _ready(connection, who) if held is None and form == Form() else []
        regions = reading.regions_in_use(connection)
    wrong = dict(form.wrong) if judged else {}
    found = agencies_found(known.agencies, sought, place_of(context(), who.profile_id)) if sought else []
    lists = {"regions": regions, "themes": list(known.themes)[:MOST_THEMES], "found": found}
    return render_template(
        "m/wish_form.html",
        form=form,
        held=held,
        wrong=wrong,
        trouble=trouble,
        ready=ready,
        sought=sought if finding or "agency" in wrong else "",
        here=_here(held),
        several=_several(form),
        heard=keyword_words(form.typed.get("keyword")),
        **_words(),
        **lists,
    )


def preview_page(form: Form, *, held: Subscription | None = None) -> str:
    """What the wish would have brought, before it is confirmed."""
    wish, who = form.wish, current_person()
    assert wish is not None  # who calls has read it
    with transaction(context().engine) as connection:
        (found,) = _counted(connection, [wish], most=SAMPLES)
        live = live_subscriptions(connection, [who.profile_id])
    same = (one for one in live if asked_for(one.wish) == asked_for(wish) and one.wish.cadence == wish.cadence)
    twin = next(same, None)
    return render_template(
        "m/wish_preview.html",
        name=wish_name(wish),
        kinds=wish_kinds(wish),
        cadence=CADENCES[wish.cadence],
        found=found,
        days=DAYS,
        hidden=cells_of(wish),
        held=held,
        twin=twin,
        again=_here(held, **address_of(form)),
    )


def _ready(connection: Connection, who: Person) -> list[dict[str, object]]:
    profile = people.profile_by_id(connection, who.profile_id)
    live = [one.wish for one in live_subscriptions(connection, [who.profile_id])]
    wishes = ready_wishes(profile, live) if profile else []
    counts = _counted(connection, wishes, most=1)
    return [_row(wish, found) | {"hidden": cells_of(wish)} for wish, found in zip(wishes, counts, strict=True)]


def _counted(connection: Connection, wishes: Sequence[Wish], *, most: int) -> list[Brought]:
    """`brought`, with samples that are still published: what is kept may be some seconds old."""
    found = brought(connection, context(), wishes, most=most)
    numbers = {policy.id for one in found for policy in one.sample}
    live = reading.policies_by_id(connection, sorted(numbers)) if numbers else {}
    return [Brought(one.n, tuple(policy for policy in one.sample if policy.id in live)) for one in found]


def _row(wish: Wish, found: Brought) -> dict[str, object]:
    return {
        "name": wish_name(wish),
        "kinds": wish_kinds(wish),
        "cadence": wish.cadence,
        "n": found.n,
        "brought": brought_words(found),
        "policy": found.sample[0].id if found.sample else None,
    }


def _several(form: Form) -> dict[str, str]:
    """The keys of which several values stand, with their field: there one says whether any or all are meant."""
    return {key: name for name, key in KEY_OF.items() if len(form.chosen.get(name, ())) > 1}


def _words() -> dict[str, object]:
    return {"topics": TOPICS, "cadences": CADENCES, "of_field": OF_FIELD, "value_name": value_name}


def _here(held: Subscription | None, **more: Any) -> str:
    return url_for("wishes.edit", number=held.id, **more) if held else url_for("wishes.new", **more)
