"""Acting for another: by their leave, as far and as long as it goes, with a record; and nobody else ever."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline import proxying
from pushsvc.pipeline.rights import erase, export_data
from pushsvc.store.proxies import live_leave
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import one, person, publish, rows

UNTIL = date(2026, 9, 1)


@pytest.fixture
def father(ctx: Context) -> int:
    """Who needs help."""
    return person(ctx, 1, birth_date=date(1950, 1, 1))


@pytest.fixture
def daughter(ctx: Context) -> int:
    """Whom he trusts."""
    return person(ctx, 2)


def leave(ctx: Context, father: int, daughter: int, *scopes: str, until: date = UNTIL) -> int:
    """A leave that was accepted; its number."""
    proxying.accept(ctx, daughter, proxying.grant(ctx, father, scopes, until))
    return int(one(ctx, "select max(id) from proxy"))


def switched(app: Flask, daughter: int, father: int) -> Browser:
    """The daughter's browser, acting for him."""
    return Browser(app).sign_in(person=daughter, acting=father)


def press(browser: Browser, path: str, **values: str) -> int:
    """Post with a good token; the status."""
    pages = (browser.open(page) for page in ("/m/acting", "/m/proxies/accept"))
    token = next(found for page in pages if (found := re.search(r'name="csrf_token" value="([^"]+)"', page)))
    return browser.client.post(path, data={"csrf_token": token[1], **values}).status_code


def test_a_daughter_acts_for_her_father_and_it_is_recorded(
    app: Flask, ctx: Context, father: int, daughter: int
) -> None:
    publish(ctx)
    his, hers = Browser(app).sign_in(person=father), Browser(app).sign_in(person=daughter)
    his.open("/m/proxies")
    his.send("/m/proxies", {"scopes": "manage", "until": UNTIL.isoformat()})
    found = re.search(r'<p class="big n">(\w+)</p>', his.page)
    assert found is not None
    assert found[1] not in his.open("/m/proxies"), "the code is shown once"
    hers.open("/m/proxies/accept")
    hers.send("/m/proxies/accept", {"code": f" {found[1].upper()} "})
    assert "改通知设置和订阅" in hers.page
    hers.send("/m/proxies/accept")
    assert "正在代" in hers.page
    hers.open("/m/policies/1")
    log = his.open(f"/m/proxies/{one(ctx, 'select id from proxy')}")
    assert "看：政策页面" in log
    assert one(ctx, "select count(*) from proxy_act") >= 2


def test_a_leave_covers_what_it_says_and_no_more(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    publish(ctx)
    leave(ctx, father, daughter)
    hers = switched(app, daughter, father)
    assert hers.client.get("/m/policies/1").status_code == 200
    react = {"kind": "saved", "on": "1"}
    assert press(hers, "/m/policies/1/feedback", **react) == 403
    assert rows(ctx, "select 1 from feedback where kind = 'saved'") == []
    leave(ctx, father, daughter, "manage")
    assert press(hers, "/m/policies/1/feedback", **react) == 303
    assert one(ctx, "select profile_id from feedback where kind = 'saved'") == father


@pytest.mark.parametrize(
    "path",
    ["/m/preferences/export", "/m/preferences/erase", "/m/proxies", "/m/firms", "/m/sessions", "/m/devices"],
)
def test_what_is_the_persons_own_stays_theirs(app: Flask, ctx: Context, father: int, daughter: int, path: str) -> None:
    leave(ctx, father, daughter, "manage", "ask")
    assert switched(app, daughter, father).client.get(path).status_code == 403


def test_ending_it_works_in_the_same_moment(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    number = leave(ctx, father, daughter, "manage")
    hers, his = switched(app, daughter, father), Browser(app).sign_in(person=father)
    assert "正在代" in hers.open("/m/")
    his.open("/m/proxies")
    his.send(f"/m/proxies/{number}/end")
    assert "正在代" not in hers.open("/m/")
    his.open("/m/proxies")
    assert "已结束" in his.page


def test_either_side_ends_it_and_nobody_else(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    number = leave(ctx, father, daughter)
    stranger = Browser(app).sign_in(person=person(ctx, 3))
    assert press(stranger, f"/m/proxies/{number}/end") == 404
    assert stranger.client.get(f"/m/proxies/{number}").status_code == 404
    hers = Browser(app).sign_in(person=daughter)
    assert hers.client.get(f"/m/proxies/{number}").status_code == 404, "the log is his"
    assert press(hers, f"/m/proxies/{number}/end") == 303
    assert press(hers, f"/m/proxies/{number}/end") == 303, "again is harmless"
    assert one(ctx, "select ended_by from proxy") == daughter


@hypothesis(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 365), st.integers(-90_000, 90_000))
def test_it_lives_to_the_end_of_its_last_day(
    ctx: Context, clock: Clock, father: int, daughter: int, days: int, seconds: int
) -> None:
    until = date(2026, 6, 24) + timedelta(days=days)
    number = leave(ctx, father, daughter, until=until)
    end = rows(ctx, "select expires_at from proxy where id = :id", id=number)[0].expires_at
    assert end.astimezone(clock().tzinfo).date() == until + timedelta(days=1)
    with transaction(ctx.engine) as conn:
        found = live_leave(conn, daughter, father, end + timedelta(seconds=seconds))
    assert (found is not None and found.id == number) is (seconds < 0)
    proxying.end(ctx, father, number)


def test_a_code_works_once_and_for_a_week(ctx: Context, clock: Clock, father: int, daughter: int) -> None:
    code = proxying.grant(ctx, father, (), UNTIL)
    proxying.accept(ctx, daughter, code)
    with pytest.raises(proxying.ProxyError, match="bad_code"):
        proxying.accept(ctx, person(ctx, 3), code)
    late = proxying.grant(ctx, father, (), UNTIL)
    clock.forward(hours=24 * 7)
    with pytest.raises(proxying.ProxyError, match="bad_code"):
        proxying.look(ctx, daughter, late)


def test_nobody_acts_for_themselves_or_passes_it_on(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    code = proxying.grant(ctx, father, ("manage",), UNTIL)
    with pytest.raises(proxying.ProxyError, match="own"):
        proxying.accept(ctx, father, code)
    proxying.accept(ctx, daughter, code)
    hers = switched(app, daughter, father)
    assert press(hers, "/m/proxies", until=UNTIL.isoformat()) == 403


@pytest.mark.parametrize("until", ["2026-06-24", "2026-01-01", "2027-06-25", "9999-12-31", "tomorrow", "", "２０２６"])
def test_a_bad_day_is_refused_at_its_field(app: Flask, ctx: Context, father: int, until: str) -> None:
    his = Browser(app).sign_in(person=father)
    his.open("/m/proxies")
    his.send("/m/proxies", {"until": until})
    assert his.status == 422
    assert "aria-invalid" in his.page
    assert rows(ctx, "select 1 from proxy") == []


def test_a_minor_lets_nobody_act(ctx: Context) -> None:
    with pytest.raises(proxying.ProxyError, match="minor"):
        proxying.grant(ctx, person(ctx, 4, birth_date=date(2010, 1, 1)), (), UNTIL)


def test_guessing_is_slowed(app: Flask, ctx: Context, daughter: int) -> None:
    hers = Browser(app).sign_in(person=daughter)
    statuses = [press(hers, "/m/proxies/accept", code=f"guess{n}", sure="1") for n in range(12)]
    assert statuses[0] == 422
    assert statuses[-1] == 429


@pytest.mark.parametrize("code", ["", "x" * 10_000, "<script>", "‮abc", "👵", "' or 1=1"])
def test_a_strange_code_is_only_wrong(app: Flask, daughter: int, code: str) -> None:
    hers = Browser(app).sign_in(person=daughter)
    hers.open("/m/proxies/accept")
    hers.send("/m/proxies/accept", {"code": code})
    assert hers.status == 422
    assert "<script>" not in hers.page.replace('<script src="/static/', "")


def test_the_persons_firms_are_not_the_proxys(app: Flask, ctx: Context, father: int, daughter: int) -> None:
    from tests.web.test_firms import belongs, firm

    held = firm(ctx)
    belongs(ctx, held, father, "admin")
    leave(ctx, father, daughter, "manage", "ask")
    hers = switched(app, daughter, father)
    assert press(hers, "/m/act-for", profile=str(held)) == 403
    assert "切到企业" not in hers.open("/m/")


def test_erasing_either_ends_it_and_leaves_no_trace_of_them(ctx: Context, father: int, daughter: int) -> None:
    leave(ctx, father, daughter)
    erase(ctx, daughter, actor="person")
    assert one(ctx, "select person_id from proxy") is None
    assert one(ctx, "select ended_at is not null from proxy")
    copied = export_data(ctx, father)
    assert copied is not None
    assert copied["leave_given"][0]["wording"] == proxying.WORDING
    erase(ctx, father, actor="person")
    assert rows(ctx, "select 1 from proxy") == rows(ctx, "select 1 from proxy_act") == []


def test_a_code_is_kept_as_a_keyed_hash(ctx: Context, father: int) -> None:
    code = proxying.grant(ctx, father, (), UNTIL)
    assert code.encode() not in bytes(one(ctx, "select code from proxy"))
