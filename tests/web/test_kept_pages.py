"""A page that was kept is the page that would be made: after any change, by whomever, the next one shows it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.pipeline import preferences as choices_of
from pushsvc.pipeline import tags
from pushsvc.pipeline.in_force import keep_up
from pushsvc.store.reader_version import VERSION
from pushsvc.store.session import rows_cursor, transaction
from pushsvc.web.kept_pages import MOST_BYTES, Pages
from tests.apps import open_app
from tests.clock import Clock
from tests.making import prefer
from tests.web.browser import Browser
from tests.web.making import one, person, publish

PATHS = ("/m/", "/m/?view=latest", "/m/?view=saved", "/m/preferences")
# Tokens and noise; and the figure of 90 days, which is counted every five minutes.
OWN = re.compile(r'name="csrf_token" value="[^"]*"|<!-- [0-9a-f]* -->\s*$|近90天 \d+ 条|\d+ in 90 days')
TREE = {"all": [{"fact": "age", "ge": 60, "clause": "第二条"}, {"fact": "owns_home", "eq": False}]}
Change = Callable[[Context, int], object]


def said(browser: Browser, path: str) -> str:
    """A page without what is each answer's own."""
    return OWN.sub("", browser.open(path)).strip()


def sql(statement: str) -> Change:
    """A change that some other process makes."""

    def change(ctx: Context, someone: int) -> None:
        with transaction(ctx.engine) as conn:
            names = {"id": someone, "at": ctx.clock()}
            conn.execute(text(statement), {name: value for name, value in names.items() if f":{name}" in statement})

    return change


def subscribed(ctx: Context, someone: int) -> None:
    """Another wish."""
    n = one(ctx, "select count(*) from subscription")
    choices_of.subscribe(ctx, someone, {"ref": f"w{n}", "themes": "elder", "cadence": "daily"})


CHANGES: dict[str, Change] = {
    "a fact": sql("update profile set owns_home = not coalesce(owns_home, true) where id = :id"),
    "a wish": subscribed,
    "a wish ended": sql("update subscription set ended_at = :at, ended_reason = 'person' where profile_id = :id"),
    "saved": sql("""insert into feedback (profile_id, policy_id, kind, at)
        select :id, min(id), 'saved', :at from policy on conflict do nothing"""),
    "not saved": sql("delete from feedback where profile_id = :id"),
    "a tag deleted": lambda ctx, someone: tags.delete_tag(ctx, someone, "租房"),
    "switched off": lambda ctx, someone: choices_of.switch_personalised(ctx, someone, False),
    "switched on": lambda ctx, someone: choices_of.switch_personalised(ctx, someone, True),
    "quiet": lambda ctx, someone: choices_of.set_choices(ctx, someone, {"quiet_from": "21:00", "quiet_to": "07:30"}),
    "stopped": sql("""insert into suppression (channel, lookup, reason, source, at)
        select a.channel, a.lookup, 'bounced', 'test', :at from address a join profile_address p on p.address_id = a.id
        where p.profile_id = :id on conflict do nothing"""),
    "stopped otherwise": sql("""update suppression set reason = case reason when 'bounced' then 'opt_out'
        else 'bounced' end"""),
    "stopped elsewhere": sql("""update suppression s set channel = a.channel, lookup = a.lookup
        from address a join profile_address p on p.address_id = a.id where p.profile_id = :id and a.channel <> s.channel
        and (select count(*) from suppression) = 1"""),
    "a policy more": sql("""insert into policy (ref, family, event, kind, title, agency, topic, region, body, checksum,
        state, visible_no, imported_at, published_at)
        select 'more' || n, 'more' || n, 'new', 'fund', '新办法' || n, '江澜市民政局', 'elder', '990101', '第一条', 'x',
        'published', 100 + n, :at, :at from (select count(*) as n from policy) c"""),
    "a policy withdrawn": sql("update policy set state = 'withdrawn' where id = (select max(id) from policy)"),
    "consent withdrawn": lambda ctx, someone: choices_of.withdraw_consent(ctx, someone, "notify"),
    "another language": sql("update profile set locale = case locale when 'zh' then 'en' else 'zh' end where id = :id"),
}


@pytest.mark.parametrize("seed", range(4))
def test_it_never_shows_what_was(ctx: Context, app: Flask, clock: Clock, seed: int) -> None:
    draw = random.Random(seed)
    for number in (1, 2):
        publish(ctx, f"policy-{number}", number, criteria=TREE, window_closes=date(2026, 6, 30))
    someone = person(ctx, birth_date=date(1950, 1, 1), interests=["租房"], locale="zh")
    kept = Browser(app).sign_in(person=someone)
    for _ in range(12):
        for path in PATHS:
            said(kept, path)
        name = draw.choice(list(CHANGES))
        CHANGES[name](ctx, someone)
        made = Browser(open_app(ctx_of(ctx))).sign_in(person=someone)
        for path in PATHS:
            assert said(kept, path) == said(made, path), (name, path)
        clock.forward(seconds=draw.choice((1, 61)))


def ctx_of(ctx: Context) -> Context:
    """The same outside world for a process that keeps nothing yet."""
    return Context(settings=ctx.settings, engine=ctx.engine, keyring=ctx.keyring, clock=ctx.clock)


def test_a_page_that_is_served_again_is_not_made_again(ctx: Context, app: Flask) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    keep_up(ctx)
    first = said(browser, "/m/preferences")
    assert len(ctx.kept.of(Pages).held) == 1
    assert said(browser, "/m/preferences") == first
    assert len(ctx.kept.of(Pages).held) == 1


def test_its_forms_can_be_sent(ctx: Context, app: Flask) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    browser.open("/m/preferences")
    browser.open("/m/preferences")
    browser.send("/m/preferences/stop-all")
    assert browser.status == 200
    assert one(ctx, "select count(*) from consent where not given") > 0


def test_nobody_gets_the_page_of_another(ctx: Context, app: Flask) -> None:
    mine, theirs = person(ctx, 1), person(ctx, 2)
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, theirs, weekly_max=10)
    pages = [said(Browser(app).sign_in(person=who), "/m/preferences") for who in (mine, theirs, mine)]
    assert pages[0] == pages[2] != pages[1]


def test_a_word_for_the_reader_is_shown_once(ctx: Context, app: Flask) -> None:
    browser = Browser(app).sign_in(person=person(ctx))
    browser.open("/m/preferences")
    browser.send("/m/preferences/stop-all")
    assert 'class="toast"' in browser.page
    assert 'class="toast"' not in browser.open("/m/preferences")
    assert 'class="toast"' not in browser.open("/m/preferences")


def test_a_page_of_policies_that_were_out_of_date_is_not_kept(ctx: Context, app: Flask) -> None:
    publish(ctx, "first", 1, title="第一项政策")
    browser = Browser(app).sign_in(person=person(ctx))
    keep_up(ctx)  # from now on pages take what is some seconds old
    publish(ctx, "second", 2, title="第二项政策")
    assert "第二项政策" not in browser.open("/m/?view=latest")
    keep_up(ctx)
    assert "第二项政策" in browser.open("/m/?view=latest")


def test_asking_for_the_version_reads_the_readers_rows_alone(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        conn.execute(text("set local enable_seqscan = off"))
        found = rows_cursor(conn).execute(f"explain {VERSION}", {"reader": 1, "profile": 1})
        read = [line for row in found for line in row.values() if "Seq Scan" in line]
    assert [line for line in read if "policy_change" not in line] == []


def test_the_least_used_pages_go_first() -> None:
    pages = Pages()
    for n in range(5):
        pages.put((n,), bytes(MOST_BYTES // 4))
        pages.get((1,))
    assert set(pages.held) == {(1,), (2,), (3,), (4,)} - ({(2,)} if len(pages.held) < 4 else set())
    assert pages.size <= MOST_BYTES
