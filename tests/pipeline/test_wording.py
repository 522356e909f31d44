"""The words of digests: the first policies by name, the others behind one link, and no plural for one."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from channels.mime import Letter, fill
from pushsvc.context import Context
from pushsvc.pipeline.wording import (
    DIGEST_SHOWN,
    LINK,
    digest_words,
    fill_sms,
    render_email,
    render_push,
    render_sms,
    unlinked,
)
from pushsvc.store import tables
from pushsvc.store.policies import Policy, policies_by_id
from pushsvc.store.session import transaction
from tests.making import make_policy

HOLES = {"check": "ABC123"}


def policies(ctx: Context, n: int) -> list[Policy]:
    with transaction(ctx.engine) as conn:
        for i in range(n):
            make_policy(conn, ctx, f"p{i}", title=f"第{i}项政策")
        return list(policies_by_id(conn, list(conn.scalars(select(tables.policy.c.id).order_by(tables.policy.c.id)))))


def mail(ctx: Context, some: list[Policy], locale: str = "zh") -> tuple[str, str]:
    """The two parts of the mail about these."""
    skeleton = render_email(ctx.settings, digest_words(ctx.settings, some, locale=locale, run_id=7))
    parsed = message_from_bytes(
        fill(skeleton, Letter("a@city.example", "key", ctx.clock(), "https://u", HOLES)), policy=default
    )
    plain, rich = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert plain is not None
    assert rich is not None
    return plain.get_content(), rich.get_content()


def test_a_long_digest_names_the_first_and_links_to_all(ctx: Context) -> None:
    link = f"{ctx.settings.public_url.rstrip('/')}/m/digests/7"
    for part in mail(ctx, policies(ctx, DIGEST_SHOWN + 2)):
        assert [n for n in range(DIGEST_SHOWN + 2) if f"第{n}项政策" in part] == list(range(DIGEST_SHOWN))
        assert f"查看全部{DIGEST_SHOWN + 2}项" in part
        assert link in part


@pytest.mark.parametrize("n", [1, 2, DIGEST_SHOWN])
def test_a_digest_that_is_shown_whole_links_to_no_list(ctx: Context, n: int) -> None:
    for part in mail(ctx, policies(ctx, n)):
        assert "/m/digests/" not in part
        assert ("以下政策" in part) is (n > 1 and part.startswith("以下"))


def test_english_readers_see_all_in_english(ctx: Context) -> None:
    assert f"See all {DIGEST_SHOWN + 1}: " in mail(ctx, policies(ctx, DIGEST_SHOWN + 1), "en")[0]


def test_a_phone_reads_how_many_there_are_and_of_one_its_name(ctx: Context) -> None:
    some = policies(ctx, DIGEST_SHOWN + 2)
    for listed, sms, push in ((some, f"{len(some)}项政策与您有关：第0项政策等", f"{len(some)}项政策与您有关"),
                              (some[:1], "第0项政策。", "与您有关")):  # fmt: skip
        told = digest_words(ctx.settings, listed, locale="zh", run_id=7)
        assert fill_sms(render_sms(ctx.settings, told), HOLES, "江澜政策").startswith(f"【江澜政策】{sms}")
        title, text = render_push(ctx.settings, told)
        assert (title, text) == ("第0项政策", f"{push}。以受理部门审核为准")


@pytest.mark.parametrize("title", ["领取evil.cnhttp://", "领取evil.cnwww.a", "领取a.cnb.comhttp://", "领取evil.shop/a"])
def test_taking_a_link_away_makes_no_other(title: str) -> None:
    assert LINK.search(fill_sms((title, "。回R停收"), {}, "江澜政策")) is None


@given(st.lists(st.sampled_from(["http://", "www.", "a.cn", "b.com", "evil", ".", "cn", "/", " ", "政策", "c.shop"])))
def test_no_text_keeps_a_link(pieces: list[str]) -> None:
    assert LINK.search(unlinked("".join(pieces))) is None
