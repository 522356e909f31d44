"""Rows L9, L10, L17 and L31: on what basis we write, and how a person ends it."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from channels.memory import MemoryChannel
from channels.signing import signed_headers
from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.preferences import give_consent, subscribe, withdraw_consent
from pushsvc.pipeline.receipt import accept, match_receipts
from pushsvc.pipeline.rights import erase
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import transaction
from tests.law.sending import PHONE, fates, release, run, suggest
from tests.making import send_code
from tests.registering import OLD_ENOUGH, ask, issue, register
from tests.web.browser import Browser

Memory = dict[str, MemoryChannel]
DUTY = "某市老年人权益保障办法第十条"


def old(ctx: Context, ref: str = "a", **values: object) -> int:
    """A person of over 60 with a telephone."""
    return register(ctx, ref, birth_date="1950-05-01", phone=PHONE, **values)


@pytest.mark.parametrize("basis", [None, "", "   "])
def test_L09_L31_without_a_cited_duty_the_entitled_door_stays_shut(ctx: Context, basis: str | None) -> None:
    """个人信息保护法 13(3), 34: a state organ acts within a duty that law gives it, and says which."""
    old(ctx)
    draft = issue(ctx, "p", criteria=OLD_ENOUGH, basis=basis)
    with transaction(ctx.engine) as conn:
        policy = policy_by_ref(conn, "p")
    assert policy is not None
    for make in (
        lambda: campaigns.create(ctx, policy, author="李萌", doors=["entitled"], basis=basis),
        lambda: campaigns.edit(ctx, draft, actor="李萌", doors=["entitled"], basis=basis),
    ):
        with pytest.raises(CampaignError) as error:
            make()
        assert error.value.code == "no_basis"
    audience(ctx, draft)
    assert ask(ctx, "select door from selection where door = 'entitled'") == []


def test_L09_L31_a_duty_is_recorded_approved_by_another_and_told(ctx: Context, sender: Sender, memory: Memory) -> None:
    """个人信息保护法 13(3), 35: without consent, on a duty that was cited, reviewed and is told to whom it concerns."""
    register(ctx, "a", birth_date="1950-05-01", email="a@city.example")
    draft = issue(ctx, "p", criteria=OLD_ENOUGH, basis=DUTY)
    with pytest.raises(CampaignError):
        campaigns.start(ctx, draft, "李萌")
    run(ctx, sender)
    assert memory["email"].sent == []
    release(ctx, draft)
    run(ctx, sender)
    (mail,) = memory["email"].sent
    assert ask(ctx, "select basis, reviewer, approved_hash is not null from campaign") == [(DUTY, "周岚", True)]
    assert ask(ctx, "select door from delivery") == [("entitled",)]
    assert ask(ctx, "select count(*) from audit where action = 'campaign.approve' and actor = '周岚'") == [(1,)]
    assert mail.raw


def test_L10_withdrawal_is_one_call_and_holds_at_the_attempt(ctx: Context, sender: Sender, memory: Memory) -> None:
    """个人信息保护法 14, 15: consent is given for a purpose, on words with a version, and withdrawn as easily."""
    person = old(ctx)
    give_consent(ctx, person, "notify")
    plan(ctx, suggest(ctx, person, "first", door="subscribed"))
    withdraw_consent(ctx, person, "notify")
    run(ctx, sender)
    assert memory["sms"].sent == []
    assert fates(ctx) == [("refused", "no_basis")]
    ledger = ask(ctx, "select purpose, given, wording, source, at from consent order by id")
    assert ledger == [("notify", given, "person-1", "web", ctx.clock()) for given in (True, False)]
    give_consent(ctx, person, "notify")
    suggest(ctx, person, "second", door="subscribed")
    run(ctx, sender)
    assert len(memory["sms"].sent) == 1


def test_L10_without_any_consent_nothing_else_is_refused(
    app: Flask, ctx: Context, sender: Sender, memory: Memory
) -> None:
    """个人信息保护法 16: no service is refused for want of consent: reading, choosing, signing in, copying go on."""
    person = old(ctx)
    issue(ctx, "p", criteria=OLD_ENOUGH)
    me = Browser(app).sign_in(person=person)
    me.open("/m/preferences")
    me.send("/m/preferences/stop-all")
    for path in ("/m/", "/m/?view=latest", "/m/policies/1", "/m/inbox", "/m/preferences", "/policies/", "/policies/1"):
        me.open(path)
        assert me.status == 200, path
    assert json.loads(me.client.get("/m/preferences/export").data)["profile"]["ref"] == "a"
    assert subscribe(ctx, person, {"ref": "w", "themes": "talent"}) == []
    ((address,),) = ask(ctx, "select id from address")
    send_code(ctx, recipient_id=person, address_id=address, channel="sms", code="123456")
    run(ctx, sender)
    assert "123456" in memory["sms"].sent[0].text


@pytest.mark.parametrize(
    ("locale", "words", "end"),
    [
        ("zh", None, "。回R停收"),
        ("zh", "{{ title }}，请尽快办理。", "请尽快办理。回R停收"),
        ("zh", "办理" * 400, "…。回R停收"),
        ("zh", "{{ title }}。回R停收", "。回R停收"),
        ("en", None, ". Reply R to stop"),
        ("en", "Apply soon.", "Apply soon. Reply R to stop"),
    ],
)
def test_L17_every_sms_tells_how_to_stop_whatever_its_words(
    ctx: Context, sender: Sender, memory: Memory, locale: str, words: str | None, end: str
) -> None:
    """通信短信息服务管理规定 (2015): a message says how to refuse more of them, and refusing is easy."""
    person = old(ctx, locale=locale, consents="notify:any")
    subscribe(ctx, person, {"ref": "w", "themes": "talent"})
    draft = issue(ctx, "p", topic="talent")
    if words:
        campaigns.edit(ctx, draft, actor="李萌", content={locale: {"sms": words}})
    release(ctx, draft)
    run(ctx, sender)
    (sms,) = memory["sms"].sent
    assert sms.text.endswith(end)
    assert sms.text.count(end.strip("…。. ")) == 1


@pytest.mark.parametrize("door", ["entitled", "subscribed", "recommended"])
def test_L17_a_number_that_refused_is_sent_nothing_more_by_any_door(
    ctx: Context, sender: Sender, memory: Memory, door: str
) -> None:
    """通信短信息服务管理规定 (2015): after a refusal there is no other message, already planned ones included."""
    person = old(ctx, consents="notify:any|recommend:any")
    suggest(ctx, person, "first", door="subscribed")
    run(ctx, sender)
    (first,) = memory["sms"].sent
    plan(ctx, suggest(ctx, person, "second", door=door))
    body = json.dumps({"receipts": [{"key": first.key, "status": "complained", "code": "R"}]}).encode()
    accept(ctx, memory["sms"], body, signed_headers(b"memory", body, ctx.clock()))
    match_receipts(ctx)
    run(ctx, sender)
    suggest(ctx, person, "third", door=door)
    run(ctx, sender)
    register(ctx, "a", phone=PHONE, region="990105")  # a later file does not bring it back
    suggest(ctx, person, "fourth", door=door)
    run(ctx, sender)
    assert memory["sms"].sent == [first]
    assert {code for state, code in fates(ctx) if state == "refused"} == {"suppressed"}


def test_L17_the_evidence_of_consent_outlives_withdrawal_and_erasure_and_cannot_be_changed(ctx: Context) -> None:
    """通信短信息服务管理规定 (2015): evidence of the request is kept for five months after the relation ends."""
    person = old(ctx)
    give_consent(ctx, person, "notify", "sms")
    withdraw_consent(ctx, person, "notify", "sms", source="link")
    erase(ctx, person, actor="person")
    kept = ask(ctx, "select given, source, wording from consent where channel = 'sms' order by id")
    assert kept[:2] == [(True, "web", "person-1"), (False, "link", "person-1")]
    for change in ("delete from consent", "update consent set given = true"):
        with pytest.raises(DBAPIError, match="never changed"):
            ask(ctx, change)
