"""A resident who owns one of everything, and whoever might want it: the scene that every route is tried in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, text

from pushsvc.context import Context
from pushsvc.links import sign_in_token, unsubscribe_token
from pushsvc.pipeline import (
    corrections,
    devices,
    family,
    host_tickets,
    joining,
    own_word,
    proxying,
    questions,
    sign_ins,
)
from pushsvc.pipeline.corrections import Wish
from pushsvc.pipeline.family import Given
from pushsvc.pipeline.questions import Asking, By
from pushsvc.store import memberships, tables
from pushsvc.store.access import Operator
from pushsvc.store.session import transaction
from pushsvc.web.names import PLACE
from tests.making import choose, make_campaign, make_person, subscribe
from tests.web.making import api_key, one, operators, person, publish

MARK = "璩"  # stands in every word that is the resident's or the firm's, and nowhere else
REF, FIRM_REF = "the-victim-7731", "91330106MA2CFRG25K"
MARKS = (MARK, "\\u74a9", REF, "7731", "1951年3月17日", "1951-03-17")
OTHER_FIRM = "91330000MA27XY8199"
ROLES = ("author", "reviewer", "sender", "auditor", "administrator", "emergency")
UNTIL = date(2026, 9, 1)


@dataclass
class Scene:
    """The context, the people by their names, and what routes are filled with."""

    ctx: Context
    people: dict[str, int] = field(default_factory=dict)
    fill: dict[str, Any] = field(default_factory=dict)


def make_scene(ctx: Context) -> Scene:
    """Everybody, and all that the resident owns."""
    scene = Scene(ctx)
    _people(scene)
    _firm(scene)
    _policies(scene)
    _messages(scene)
    _said(scene)
    _keys(scene)
    for role in ROLES:
        operators(ctx, Operator(role, f"operator {role}", (role,)))
    return scene


def _people(scene: Scene) -> None:
    ctx = scene.ctx
    named: dict[str, Any] = {"ref": REF, "name": ctx.keyring.encrypt(f"{MARK}蔚然", PLACE), "insurance_months": 7731.0}
    scene.people["victim"] = person(ctx, 1, birth_date=date(1980, 5, 1), region="990105", interests=["人才"], **named)
    for n, name in enumerate(("other", "mate", "boss", "rival", "reads", "manages", "asks", "ended"), start=2):
        scene.people[name] = person(ctx, n, birth_date=date(1985, 1, 1), region="990101")
    with transaction(ctx.engine) as conn:
        conn.execute(
            text(
                "update address set mask = :mask where id in"
                " (select address_id from profile_address where profile_id = :id)"
            ),
            {"mask": f"{MARK}****0001", "id": scene.people["victim"]},
        )
    victim = scene.people["victim"]
    for name, scopes in {"reads": (), "manages": ("manage",), "asks": ("ask",), "ended": ("manage", "ask")}.items():
        proxying.accept(ctx, scene.people[name], proxying.grant(ctx, victim, scopes, UNTIL))
        scene.fill[f"leave_{name}"] = one(ctx, "select max(id) from proxy")
    proxying.end(ctx, victim, scene.fill["leave_ended"])
    scene.fill |= {"tag": "人才", "fact": "insurance_months", "refusal": "told"}
    for name in ("submit", "approve", "changes", "start", "pause", "resume", "cancel", "end", "approved", "archive"):
        scene.fill[name] = name
    scene.fill |= {"victim": victim, "leave": scene.fill["leave_reads"], "ref": REF}
    scene.fill["invitation"] = proxying.grant(ctx, victim, ("manage",), UNTIL)


def _firm(scene: Scene) -> None:
    ctx, now = scene.ctx, scene.ctx.clock()
    with transaction(ctx.engine) as conn:
        name = ctx.keyring.encrypt(f"{MARK}氏工贸有限公司", PLACE)
        firm = make_person(conn, ctx, 90, channels=(), ref=FIRM_REF, kind="enterprise", name=name, employees=7731.0)
        rivals = make_person(conn, ctx, 91, channels=(), ref=OTHER_FIRM, kind="enterprise", employees=12.0)
        for who, where, role in (
            ("victim", firm, "admin"),
            ("boss", firm, "admin"),
            ("mate", firm, "member"),
            ("rival", rivals, "admin"),
        ):
            memberships.put_member(conn, where, scene.people[who], role=role, how="file", at=now)
        scene.fill["firm_subscription"] = subscribe(conn, ctx, firm, "firm-wish")
    scene.people |= {"firm": firm, "rivals": rivals}
    newcomer = person(ctx, 20, name=ctx.keyring.encrypt(f"{MARK}小新", PLACE))
    scene.people["newcomer"] = newcomer
    joining.ask(ctx, newcomer, FIRM_REF, f"{MARK}授权书")
    joining.ask(ctx, scene.people["victim"], OTHER_FIRM, f"{MARK}授权书")
    numbers = {"asked_at_firm": newcomer, "asked_by_victim": scene.people["victim"]}
    for name, who in numbers.items():
        scene.fill[name] = one(ctx, "select id from join_request where person_id = :id", id=who)
    scene.fill |= {"firm": firm, "firm_ref": FIRM_REF, "mate": scene.people["mate"]}


def _policies(scene: Scene) -> None:
    ctx, now = scene.ctx, scene.ctx.clock()
    policy = publish(ctx, summary="公开的政策")
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, policy, state="in_review", author="someone")
        choose(conn, ctx, campaign, [scene.people["victim"]], "recommended")
        rows = {
            "faq": {"policy_id": policy, "question": "公开的问题", "answer": "公开的答复", "state": "draft"},
            "policy_finding": {"policy_id": policy, "code": "draft", "place": "title", "zh": "待核", "en": "look",
                               "blocking": True, "about": "policy-1", "found_at": now},
            "sms_template": {"name": "policy", "locale": "zh", "version": 1, "kind": "notice", "body": "您好",
                             "author": "someone", "created_at": now},
            "standing_rule": {"name": "常设", "events": ["new"], "doors": ["subscribed"], "state": "in_review",
                              "author": "someone", "created_at": now},
        }  # fmt: skip
        rows["faq"] |= {"author": "someone", "written_at": now, "agency": "局"}
        for name, row in rows.items():
            table = tables.metadata.tables[name]
            made = {key: value for key, value in row.items() if key in table.columns}
            scene.fill[name] = conn.execute(insert(table).values(made).returning(table.c.id)).scalar_one()
        filing = {"template_id": scene.fill["sms_template"], "route": "aliyun", "code": "SMS_1", "signature": "江澜"}
        filing |= {"changed_by": "someone", "filed_at": now, "changed_at": now}
        made_ = insert(tables.sms_filing).values(filing).returning(tables.sms_filing.c.id)
        scene.fill["filing"] = conn.execute(made_).scalar_one()
    scene.fill |= {"policy": policy, "campaign": campaign, "policy_ref": "policy-1"}


def _messages(scene: Scene) -> None:
    ctx, victim, now = scene.ctx, scene.people["victim"], scene.ctx.clock()
    letter = {"recipient_id": victim, "profile_id": victim, "at": now, "title": f"{MARK}记", "body": f"{MARK}正文"}
    with transaction(ctx.engine) as conn:
        made = insert(tables.inbox).values(wire_key="k1", policy_id=scene.fill["policy"], **letter)
        scene.fill["letter"] = conn.execute(made.returning(tables.inbox.c.id)).scalar_one()
        run = insert(tables.run).values(kind="digest", key="digest:1", created_at=now).returning(tables.run.c.id)
        scene.fill["run"] = conn.execute(run).scalar_one()
        address = conn.scalar(
            text("select min(address_id) from profile_address where profile_id = :id"), {"id": victim}
        )
        sent = {"run_id": scene.fill["run"], "profile_id": victim, "recipient_id": victim, "address_id": address}
        sent |= {"channel": "sms", "door": "recommended", "state": "accepted", "wire_key": "k2", "accepted_at": now}
        sent |= {"planned_at": now, "updated_at": now}
        scene.fill["delivery"] = conn.execute(
            insert(tables.delivery).values(sent).returning(tables.delivery.c.id)
        ).scalar_one()
        item = {"delivery_id": scene.fill["delivery"], "policy_id": scene.fill["policy"], "profile_id": victim}
        item |= {"campaign_id": scene.fill["campaign"], "position": 1, "door": "recommended"}
        conn.execute(insert(tables.delivery_item).values(item))
        scene.fill["subscription"] = subscribe(conn, ctx, victim, "wish")
        conn.execute(text("update subscription set keyword = :word"), {"word": f"{MARK}记词"})
        scene.fill["stopped"] = subscribe(conn, ctx, victim, "stopped")
        conn.execute(
            text("update subscription set ended_at = :now, ended_reason = 'web' where id = :id"),
            {"now": now, "id": scene.fill["stopped"]},
        )
        mark = {"profile_id": victim, "policy_id": scene.fill["policy"], "kind": "saved", "at": now}
        conn.execute(insert(tables.feedback).values(mark))


def _said(scene: Scene) -> None:
    ctx, victim = scene.ctx, scene.people["victim"]
    corrections.ask(ctx, victim, Wish("insurance_months", "12", f"{MARK}理由"))
    scene.fill["correction"] = one(ctx, "select id from correction")
    scene.fill["question"] = questions.ask(
        ctx, victim, Asking(f"{MARK}问：什么时候到账？", policy_id=scene.fill["policy"]), By(victim, False)
    )
    scene.fill["answered"] = questions.ask(ctx, victim, Asking(f"{MARK}问：找谁办？", kind="other"), By(victim, False))
    questions.answer(ctx, scene.fill["answered"], f"{MARK}答", by="author")
    family.put(ctx, victim, Given("elder", "1951-03-17"))
    scene.fill["member"] = one(ctx, "select id from dependant")
    family.put(ctx, victim, Given("elder", "1951-03-18"))
    second = one(ctx, "select max(id) from dependant")
    scene.fill["sealed_member"] = family.remove(ctx, victim, second)
    own_word.say(ctx, victim, Wish("owns_home", "no"))
    own_word.say(ctx, victim, Wish("tenure", "tenant"))
    scene.fill["sealed_fact"] = own_word.drop(ctx, victim, "tenure")


def _keys(scene: Scene) -> None:
    ctx, victim, now = scene.ctx, scene.people["victim"], scene.ctx.clock()
    scene.fill["device"] = devices.register(ctx, victim, "jpush", "1" * 19).id
    sign_ins.begin(ctx, victim, agent="Victim/1.0", how="code")
    scene.fill["session"] = one(ctx, "select max(id) from resident_session where person_id = :id", id=victim)
    with transaction(ctx.engine) as conn:
        row = {"issuer": "host", "subject": b"x" * 32, "person_id": victim, "how": "code", "linked_at": now}
        made = insert(tables.outside_identity).values(row).returning(tables.outside_identity.c.id)
        scene.fill["account"] = conn.execute(made).scalar_one()
        code = {"code": "abcd2345", "policy_id": scene.fill["policy"], "created_at": now}
        conn.execute(insert(tables.short_link).values(code))
    secret = ctx.settings.secret_key
    delivery = scene.fill["delivery"]
    stop = {"recipient_id": victim, "profile_id": victim, "policy_id": scene.fill["policy"], "door": "recommended"}
    good = unsubscribe_token(secret, delivery_id=delivery, **stop)
    scene.fill |= {"short": "abcd2345", "forged_stop": _flipped(good), "forged_enter": _flipped(_enter(scene, victim))}
    ticket, _ = host_tickets.issue(ctx, REF, firm_ref=None, by="test")
    scene.fill |= {"forged_ticket": _flipped(ticket), "late": now + timedelta(days=1)}
    api_key(ctx, "devices:write", key="x" * 33)


def _enter(scene: Scene, person_id: int) -> str:
    return sign_in_token(scene.ctx.settings.secret_key, person_id, scene.ctx.clock())


def _flipped(token: str) -> str:
    """The same with one letter in its middle changed."""
    at = len(token) // 2
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
