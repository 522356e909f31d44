"""Replies to SMS: what they mean, what they stop at once, and what they leave alone."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from channels.base import ChannelError
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.replies import CONFIRMED, PLACE, hear
from pushsvc.pipeline.reply_words import NOT_MINE, STOP, kind_of
from pushsvc.pipeline.rights import erase
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.audit import recent
from pushsvc.store.receipts import suppress_addresses
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_policy, send_code, send_to
from tests.pipeline.blind import TOKEN, Blind, send, through
from tests.pipeline.vendors import ALIYUN, approved, with_routes, write
from tests.registering import ask

NUMBER = "13800000001"  # of the first person that `send_to` makes


def say(ctx: Context, said: str, *, number: str = NUMBER, id: str = "", route: str = "ali") -> int:
    """A person answers; how many replies were new."""
    body = json.dumps([{"phone": number, "said": said, "id": id}]).encode()
    return hear(ctx, Blind(ctx.clock), body, {"X-Pushsvc-Token": TOKEN}, route=route)  # type: ignore[arg-type]


def again(ctx: Context, people: list[int], door: str, ref: str, **columns: Any) -> int:
    """Another campaign to the same people, planned."""
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx, ref), doors=[door], **columns)
        choose(conn, ctx, campaign, people, door)
    plan(ctx, campaign)
    return campaign


def send_all(ctx: Context, sender: Sender) -> None:
    for lane in ("urgent", "normal"):
        while deliver_next(ctx, sender, lane):
            pass


def fates(ctx: Context) -> list[tuple[Any, ...]]:
    return ask(ctx, "select state, code from delivery order by id")


def texts(memory: dict[str, MemoryChannel]) -> list[str]:
    return [message.text for message in memory["sms"].sent]


@pytest.mark.parametrize(
    "said",
    [
        "R",
        "ｒ",
        " t ",
        "T.D.",
        "Ｔ Ｄ！",
        "“退订”",
        "退 订。",
        "拒收",
        "取消订阅",
        "Stop",
        "UNSUBSCRIBE",
        "回R",
        "回复 TD",
        "退訂",
        "请退订",
        "R\n",
        "R\ufe0f\u20e3",
        "\u24c7",
    ],
)
def test_what_means_stop(said: str) -> None:
    assert kind_of(said) == "stop"


@pytest.mark.parametrize("said", ["非本人", "不是本人。", "打错了！！"])
def test_what_means_somebody_else(said: str) -> None:
    assert kind_of(said) == "not_mine"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "N",
        "👍",
        "谢谢",
        "怎么退订",
        "不要退订",
        "RT",
        "回家",
        "请回复",
        "OR",
        "车牌R",
        "不是",
        "\0",
        "\ud800",
        "rr",
    ],
)
def test_all_else_is_for_people(said: str) -> None:
    assert kind_of(said) == "other"


_NOISE = st.text(st.sampled_from(" \u3000\t。，！.,!-()（）[]“”\u200b👍"), max_size=6)


def _wide(word: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in word)


@given(st.sampled_from(sorted(STOP | NOT_MINE)), st.lists(_NOISE, min_size=40, max_size=40), st.booleans())
def test_width_case_spaces_and_punctuation_do_not_matter(word: str, noise: list[str], wide: bool) -> None:
    written = "".join(gap + letter for gap, letter in zip(noise, word.upper(), strict=False)) + noise[-1]
    assert kind_of(_wide(written) if wide else written) == kind_of(word)


@given(st.text())
def test_nothing_that_is_said_breaks_it(said: str) -> None:
    assert kind_of(said) in ("stop", "not_mine", "other")


def test_a_stop_acts_on_what_is_queued(ctx: Context, sender: Sender, memory: dict[str, MemoryChannel]) -> None:
    plan(ctx, send_to(ctx, 2).campaign_id)
    assert say(ctx, "Ｔ Ｄ") == 1
    send_all(ctx, sender)
    assert fates(ctx)[:2] == [("refused", "suppressed"), ("accepted", None)]
    assert ask(ctx, "select reason, source from suppression") == [("opt_out", "reply:ali")]
    assert ledger.check(ctx).found == ()


@pytest.mark.parametrize(
    ("door", "basis", "leaves"),
    [("entitled", "条例第二十条", True), ("entitled", None, False), ("subscribed", "条例第二十条", False),
     ("recommended", "条例第二十条", False)],
)  # fmt: skip
def test_a_stop_spares_what_a_duty_requires(
    ctx: Context, sender: Sender, door: str, basis: str | None, leaves: bool
) -> None:
    people = send(ctx, sender).people
    say(ctx, "R")
    campaign = again(ctx, people, door, "second", basis=basis)
    send_all(ctx, sender)
    found = ask(
        ctx, "select d.state from delivery d join run r on r.id = d.run_id where r.campaign_id = :c", c=campaign
    )
    assert found == ([("accepted",)] if leaves else [])
    assert ask(ctx, "select code from refusal") == ([] if leaves else [("suppressed",)])


@pytest.mark.parametrize("reason", ["bounce", "complaint", "soft_bounces"])
def test_a_stronger_reason_stands_above_a_stop_whichever_came_first(
    ctx: Context, sender: Sender, clock: Clock, reason: str
) -> None:
    people = send(ctx, sender, 2).people
    for number, place in ((NUMBER, 1), ("13800000002", 2)):
        if place == 1:
            say(ctx, "R", number=number)
        with transaction(ctx.engine) as conn:
            suppress_addresses(conn, [place], reason, clock())
        say(ctx, "R", number=number)
    assert ask(ctx, "select reason from suppression") == [(reason,)] * 2
    again(ctx, people, "entitled", "second", basis="条例")
    assert ask(ctx, "select code from refusal") == [("suppressed",)] * 2


def test_an_erasure_stands_above_a_stop(ctx: Context, sender: Sender) -> None:
    sent = send(ctx, sender)
    say(ctx, "R")
    say(ctx, "我要投诉，住址某路1号", id="2")
    erase(ctx, sent.people[0], actor="person")
    assert ask(ctx, "select reason from suppression") == [("erased",)]
    assert ask(ctx, "select distinct cipher from sms_reply") == [(b"",)]


def test_a_sign_in_code_still_comes(ctx: Context, sender: Sender, memory: dict[str, MemoryChannel]) -> None:
    people = send(ctx, sender).people
    say(ctx, "R")
    send_code(ctx, recipient_id=people[0], address_id=1, channel="sms", code="918273")
    send_all(ctx, sender)
    assert any("918273" in one for one in texts(memory))  # which of the two goes first is drawn by lot


def test_a_stop_is_confirmed_once_a_day(
    ctx: Context, sender: Sender, memory: dict[str, MemoryChannel], clock: Clock
) -> None:
    send(ctx, sender)
    counts = []
    for hours in (0, 1, 22.9, 0.2, 1):
        clock.forward(hours=hours)
        say(ctx, "R", id=f"{clock()}")
        send_all(ctx, sender)
        counts.append(texts(memory).count(CONFIRMED))
    assert counts == [1, 1, 1, 2, 2]
    assert ledger.check(ctx).found == ()


@pytest.mark.parametrize(("template", "n"), [(False, 0), (True, 1)])
def test_vendors_confirm_by_a_template_of_that_name_or_not_at_all(
    ctx: Context, sender: Sender, template: bool, n: int
) -> None:
    send(ctx, sender)
    vendors = with_routes(ctx, aliyun=ALIYUN)
    if template:
        approved(vendors, write(vendors, "您已退订${city}的政策短信。回R停收", "stop"))
    say(vendors, "R")
    assert ask(ctx, "select count(*) from run where key like 'stop:%'") == [(n,)]
    assert ask(ctx, "select reason from suppression") == [("opt_out",)]


def test_a_number_that_nobody_has_is_stopped_for_whoever_gets_it(ctx: Context, sender: Sender) -> None:
    say(ctx, "TD", number="+86 138 0013 0217")
    with transaction(ctx.engine) as conn:
        found = conn.execute(text("select channel, lookup from suppression")).one()
    assert tuple(found) == ("sms", ctx.keyring.lookup("sms", "+8613800130217"))
    assert ask(ctx, "select count(*) from delivery") == [(0,)]


def test_a_number_as_the_vendor_writes_it_is_ours_as_we_do(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1)
    with transaction(ctx.engine) as conn:
        replace_addresses(conn, ctx.keyring, [NewAddress(sent.people[0], "sms", "+8613800130217", "*")])
    plan(ctx, sent.campaign_id)
    say(ctx, "R", number="13800130217")
    send_all(ctx, sender)
    assert fates(ctx)[0] == ("refused", "suppressed")


@pytest.mark.parametrize("number", ["", "\0", "\ud800", "1" * 5000, "123", "not a number"])
def test_a_number_that_is_none_is_kept_and_stops_nobody(ctx: Context, number: str) -> None:
    assert say(ctx, "R", number=number) == 1
    assert ask(ctx, "select lookup, kind from sms_reply") == [(None, "stop")]
    assert ask(ctx, "select count(*) from suppression") == [(0,)]
    assert ledger.check(ctx).found == ()


def test_the_same_reply_twice_is_one(ctx: Context, sender: Sender, clock: Clock) -> None:
    send(ctx, sender)
    assert [say(ctx, "谢谢", id=one) for one in ("7", "7", "8")] == [1, 0, 1]
    assert say(ctx, "谢谢", id="7", route="ten") == 1
    assert [say(ctx, "谢谢"), say(ctx, "谢谢")] == [1, 0]
    clock.forward(days=1)
    assert say(ctx, "谢谢") == 1


def test_what_is_kept_is_a_hash_a_kind_and_fifty_letters_as_ciphertext(ctx: Context, sender: Sender) -> None:
    send(ctx, sender)
    say(ctx, "请问" + "我" * 100 + NUMBER, id="\0x\ud800")
    ((kind, cipher, lookup, vendor_id),) = ask(ctx, "select kind, cipher, lookup, vendor_id from sms_reply")
    assert (kind, ctx.keyring.decrypt(bytes(cipher), PLACE)) == ("other", "请问" + "我" * 48)
    assert bytes(lookup) == ctx.keyring.lookup("sms", NUMBER)
    assert vendor_id == "\ufffdx?"


def family(ctx: Context, sender: Sender, clock: Clock) -> list[int]:
    """Three people with the number of the first, each written to an hour after the one before; the last did not."""
    people = send(ctx, sender, 3).people
    with transaction(ctx.engine) as conn:
        conn.execute(text("insert into profile_address select id, 1 from profile where id > 1"))
        conn.execute(text("delete from profile_address where profile_id = address_id and address_id > 1"))
    clock.forward(hours=1)
    again(ctx, people[1:2], "subscribed", "second")
    send_all(ctx, sender)
    return people


@pytest.mark.parametrize("said", ["非本人", "打错了"])
def test_who_is_not_that_person_parts_the_number_from_the_last_it_was_for(
    ctx: Context, sender: Sender, clock: Clock, said: str
) -> None:
    first, second, third = family(ctx, sender, clock)
    say(ctx, said)
    assert ask(ctx, "select profile_id from profile_address where address_id = 1 order by 1") == [(first,), (third,)]
    again(ctx, [first, second], "subscribed", "third")
    assert ask(ctx, "select recipient_id, code from refusal") == [(second, "no_address")]
    with transaction(ctx.engine) as conn:
        (entry,) = recent(conn, object=f"profile:{second}")
    assert (entry["actor"], entry["action"]) == ("reply", "address.not_theirs")
    assert NUMBER not in str(entry)
    assert ask(ctx, "select count(*) from suppression") == [(0,)]
    assert ledger.check(ctx).found == ()


def test_no_file_links_them_again(ctx: Context, sender: Sender, clock: Clock) -> None:
    _, second, _ = family(ctx, sender, clock)
    say(ctx, "非本人")
    with transaction(ctx.engine) as conn:
        replace_addresses(conn, ctx.keyring, [NewAddress(second, "sms", NUMBER, "*")])
    assert ask(ctx, "select count(*) from profile_address where profile_id = :p", p=second) == [(0,)]


def test_a_file_that_still_has_it_takes_no_better_number_away(ctx: Context, sender: Sender) -> None:
    (person,) = send(ctx, sender).people
    say(ctx, "非本人")
    for number in ("13800130217", NUMBER):
        with transaction(ctx.engine) as conn:
            replace_addresses(conn, ctx.keyring, [NewAddress(person, "sms", number, number[-4:])])
    found = ask(ctx, "select a.mask from profile_address pa join address a on a.id = pa.address_id")
    assert found == [("0217",)]


def test_a_number_that_is_nobodys_then_loses_its_ciphertext(ctx: Context, sender: Sender) -> None:
    (person,) = send(ctx, sender).people
    say(ctx, "非本人")
    assert ask(ctx, "select cipher, mask from address") == [(b"", "")]
    assert ask(ctx, "select profile_id from not_theirs") == [(person,)]
    with transaction(ctx.engine) as conn:  # the same file comes every night
        replace_addresses(conn, ctx.keyring, [NewAddress(person, "sms", NUMBER, "*")])
    assert ask(ctx, "select cipher, mask from address") == [(b"", "")]
    assert ledger.check(ctx).found == ()


def test_it_stops_what_is_queued_too(ctx: Context, sender: Sender) -> None:
    people = send(ctx, sender).people
    again(ctx, people, "subscribed", "second")
    say(ctx, "非本人")
    send_all(ctx, sender)
    assert fates(ctx) == [("accepted", None), ("refused", "no_address")]


@pytest.mark.parametrize(("days", "parted"), [(29, 1), (31, 0)])
def test_an_answer_is_to_a_message_of_the_last_month(
    ctx: Context, sender: Sender, clock: Clock, days: int, parted: int
) -> None:
    send(ctx, sender)
    clock.forward(days=days)
    say(ctx, "非本人")
    assert ask(ctx, "select count(*) from not_theirs") == [(parted,)]


def test_one_that_cannot_listen_says_so(ctx: Context, memory: dict[str, MemoryChannel]) -> None:
    with pytest.raises(ChannelError) as caught:
        hear(ctx, memory["sms"], b"[]", {}, route="sms")
    assert caught.value.code == "no_replies"


def test_a_forged_reply_changes_nothing(ctx: Context, sender: Sender, clock: Clock) -> None:
    send(ctx, through(sender, ali=Blind(clock)))
    body = json.dumps([{"phone": NUMBER, "said": "R"}]).encode()
    with pytest.raises(ChannelError, match="token"):
        hear(ctx, Blind(clock), body, {"X-Pushsvc-Token": "guess"}, route="ali")
    assert ask(ctx, "select count(*) from sms_reply") == [(0,)]
    assert ask(ctx, "select count(*) from suppression") == [(0,)]


def test_many_stops_at_once_are_confirmed_once(ctx: Context, sender: Sender) -> None:
    send(ctx, sender)
    with ThreadPoolExecutor(6) as pool:
        news = list(pool.map(lambda n: say(ctx, "R", id=str(n % 5)), range(10)))
    assert sum(news) == 5
    assert ask(ctx, "select count(*), count(confirmed_at) from sms_reply") == [(5, 1)]
    assert ask(ctx, "select count(*) from run where key like 'stop:%'") == [(1,)]


def test_the_ledger_names_a_stop_that_was_undone(ctx: Context, sender: Sender) -> None:
    send(ctx, sender)
    say(ctx, "R")
    with transaction(ctx.engine) as conn:
        conn.execute(text("delete from suppression"))
    assert [one.code for one in ledger.check(ctx).found] == ["unheeded_stop"]


def test_a_confirmation_that_goes_to_any_of_them_says_nothing_of_whose_number_it_is(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    family(ctx, sender, clock)
    clock.forward(days=40)
    say(ctx, "R")
    send_all(ctx, sender)
    say(ctx, "非本人")
    assert ask(ctx, "select count(*) from not_theirs") == [(0,)]
