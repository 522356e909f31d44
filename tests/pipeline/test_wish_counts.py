"""What a wish would have brought is counted by the rule by which it is matched, of 90 days, and follows each change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.pipeline import wish_counts
from pushsvc.pipeline.own_wishes import Added, add_wish, asked_for, read_wish
from pushsvc.pipeline.wish_choices import agencies_found, ready_wishes
from pushsvc.pipeline.wish_counts import DAYS, brought, lately
from pushsvc.pipeline.wishes import matching
from pushsvc.store.people import profile_by_id
from pushsvc.store.policies import published_policies
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import Subscription, Wish
from tests.making import make_policy
from tests.registering import register

THEMES, TRADES = ["租房", "养老", "talent"], ["I65", "6513", "H62"]
PLACES, ISSUERS = ["990101", "990100", "990102"], ["云湾区人社局", "财政部", "江澜市人社局"]
WORDS = ["补贴", "房 补|养", "没有", "ＡＩ", ""]
wishes = st.builds(
    Wish,
    profile_id=st.just(1),
    ref=st.just("w"),
    themes=st.lists(st.sampled_from(THEMES), max_size=2, unique=True).map(tuple),
    industries=st.lists(st.sampled_from(TRADES), max_size=2, unique=True).map(tuple),
    regions=st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple),
    agencies=st.lists(st.sampled_from(ISSUERS), max_size=2, unique=True).map(tuple),
    keyword=st.none() | st.sampled_from(WORDS),
    all_of=st.lists(st.sampled_from(["themes", "industries", "agencies"]), unique=True).map(tuple),
)


@pytest.fixture
def library(ctx: Context) -> Context:
    """Thirty policies of all kinds, every third of them of long ago; some say when their office put them out."""
    today = ctx.clock().date()
    with transaction(ctx.engine) as conn:
        for n in range(30):
            day = today - timedelta(days=n * 4 if n % 3 else DAYS + n)
            make_policy(
                conn, ctx, f"p{n}", visible_no=30 - n, title=f"关于{WORDS[n % 4]}的通知{n}", themes=[THEMES[n % 2]],
                topic="talent" if n % 2 else "elder", industries=[TRADES[n % 3]] if n % 4 else [],
                region=PLACES[n % 3], agency=ISSUERS[n % 3], agencies=[ISSUERS[n % 3]] if n % 2 else [],
                date_published=day if n % 5 else None, published_at=ctx.clock() - (today - day),
            )  # fmt: skip
    return ctx


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(wishes, max_size=4), st.sampled_from([0, 30, 10**6]))
def test_they_are_counted_as_they_are_matched(library: Context, asked: list[Wish], kept: int) -> None:
    with pytest.MonkeyPatch.context() as patch, transaction(library.engine) as conn:
        patch.setattr(wish_counts, "CHARACTERS", kept)  # what memory does not hold is read
        library.kept.of(wish_counts._Kept).read = None
        found = brought(conn, library, asked, most=3)
        since = library.clock().date() - timedelta(days=DAYS)
        recent = [one for one in published_policies(conn) if wish_counts.issued_on(one) > since]  # type: ignore[arg-type]
        for wish, one in zip(asked, found, strict=True):
            mine = [Subscription(1, wish, library.clock(), None, None)]
            expected = [policy.id for policy in recent if matching(mine, policy)]
            assert (one.n, [policy.id for policy in one.sample]) == (len(expected), expected[:3])


def test_what_is_published_changed_or_withdrawn_counts_at_once(ctx: Context) -> None:
    asked = [Wish(1, "w", keyword="补贴"), Wish(1, "w", agencies=("云湾区人力资源和社会保障局",))]

    def counted() -> list[int]:
        with transaction(ctx.engine) as conn:
            return [one.n for one in brought(conn, ctx, asked)]

    assert counted() == [0, 0]
    with transaction(ctx.engine) as conn:
        first, second = (make_policy(conn, ctx, f"p{n}", visible_no=n, published_at=ctx.clock()) for n in (1, 2))
    assert counted() == [2, 2]
    with transaction(ctx.engine) as conn:
        conn.execute(
            text("update policy set agency = '财政部', body = '', title = 'x', checksum = 'y' where id = :id"),
            {"id": first},
        )
        conn.execute(text("update policy set state = 'withdrawn' where id = :id"), {"id": second})
    assert counted() == [0, 0]


def test_a_joint_line_of_agencies_is_read_apart(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        make_policy(conn, ctx, agency="区人社局、财政部", region="990101", published_at=ctx.clock(), visible_no=1)
        assert list(lately(conn, ctx).agencies) == ["云湾区人力资源和社会保障局", "财政部"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("人社局", ["云湾区人力资源和社会保障局", "江澜市人力资源和社会保障局"]),
        ("区人社局", ["云湾区人力资源和社会保障局"]),
        ("江澜 保障", ["江澜市人力资源和社会保障局"]),
        ("ＴＡＸ", ["Tax Office"]),
        ("没有", []),
        (" ", []),
        ("甲、乙", []),
    ],
)
def test_agencies_are_found_by_words_and_short_forms(typed: str, found: list[str]) -> None:
    in_use = {"江澜市人力资源和社会保障局": 2, "云湾区人力资源和社会保障局": 5, "Tax Office": 1}
    assert agencies_found(in_use, typed, "990101") == found


def test_the_same_in_another_writing_is_the_same() -> None:
    def of(**row: str) -> tuple[object, ...]:
        wish = read_wish(row, 1, "990101")
        assert isinstance(wish, Wish)
        return asked_for(wish)

    assert of(themes="a|b", keyword="Ａ  b|c") == of(themes="b|a", keyword="c|B a", cadence="weekly")
    assert of(themes="a&b") != of(themes="a|b")
    assert of(agencies="区人社局") == of(agencies="云湾区人力资源和社会保障局")
    assert of(industries="软件开发") == of(industries="651")


def test_of_two_alike_one_is_kept(ctx: Context) -> None:
    someone = register(ctx, "a")
    first = add_wish(ctx, Wish(someone, "w", themes=("a", "b")))
    assert add_wish(ctx, Wish(someone, "w", themes=("b", "a"), cadence="daily")) == Added(first.id, False, "immediate")


def test_ready_wishes_leave_out_what_is_asked_for_already(ctx: Context) -> None:
    firm = register(ctx, "f", kind="enterprise", region="990101", industry="I6513", founded_on="2020-01-01")
    with transaction(ctx.engine) as conn:
        profile = profile_by_id(conn, firm)
    assert profile
    ready = ready_wishes(profile, [])
    assert (ready[0].industries, ready[-1].regions) == (("I65",), ("990101",))
    assert ready[1:] == ready_wishes(profile, ready[:1])
