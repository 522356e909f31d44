"""The served city's people: one with much to see, an elder, a newcomer, a firm with its admin and member."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, text

from pushsvc.context import Context
from pushsvc.pipeline import joining
from pushsvc.pipeline.corrections import Wish, accept, ask, refuse
from pushsvc.pipeline.preferences import give_consent
from pushsvc.pipeline.tags import delete_tag
from pushsvc.store import proxies, tables
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import Wish as Subscription
from pushsvc.store.subscriptions import save_wishes
from tests.clock import Clock
from tests.making import prefer
from tests.modelling import assessed, use_model
from tests.registering import ask as rows
from tests.registering import register

CHEN = {
    "name": "陈晓岚", "region": "990101", "birth_date": "1994-03-08", "sex": "female", "employment": "employed",
    "talent_class": "E", "insurance_months": "26", "interests": "人才安居|托育|创业", "phone": "13800001001",
    "email": "chen@city.example", "app_token": "token-of-chen-00000001", "consents": "notify:any|recommend:any",
    "dependants": "chen-child@2025-11-02@990101", "household_size": "3", "source": "social_insurance",
    "as_of": "2026-03-01",
}  # fmt: skip
WANG = {
    "name": "王秀英", "region": "990103", "birth_date": "1944-05-01", "sex": "female", "hardship": "yes",
    "insurance_months": "180", "owns_home": "yes", "interests": "长者|助餐|健康检查", "phone": "13800001002",
    "app_token": "token-of-wang-00000002", "consents": "notify:any|recommend:any|sensitive:any",
    "source": "civil_affairs", "as_of": "2026-03-01",
}  # fmt: skip
SHARED = "family@city.example"
LIU = {"name": "刘一鸣", "region": "990101", "birth_date": "1988-01-20", "phone": "13800001003", "email": SHARED}
NEW = {"phone": "13800001004", "email": SHARED}
OLD = {"name": "许立", "birth_date": "1971-07-07", "phone": "13800001009"}  # whose number nobody has proven for long
FIRM = {
    "kind": "enterprise", "name": "江澜星渡软件有限公司", "credit_code": "91330106MA2CFRG25K",
    "region": "990101", "industry": "I6513", "employees": "60",
    "legal_status": "active", "founded_on": "2018-03-01", "assets": "1500", "dishonest": "no", "is_branch": "no",
    "revenue": "2000", "revenue@2025": "2000", "revenue@2024": "1800", "revenue@2023": "1500", "rd_spend": "240",
    "rd_spend@2025": "240", "rd_spend@2024": "200", "rd_spend@2023": "90", "layoff_rate": "0",
    "qualifications": "national_hnte@2023-12-08@2026-08-07|tech_sme@2024-05-01@2025-03-31", "source": "tax",
    "as_of": "2026-04-01", "members": "chen:admin|liu:member", "consents": "notify:any|recommend:any",
}  # fmt: skip
LIFE = {"insurance_months": ("32", "六个月没有算进去"), "household_size": ("4", ""), "region": ("990103", "搬家了")}


def people(ctx: Context, clock: Clock, holes: Mapping[str, Any]) -> dict[str, Any]:
    """Register them all, with what each of them decided; their numbers by name."""
    named = {"chen": CHEN, "wang": WANG, "liu": LIU, "new": NEW, "old": OLD, "firm": FIRM}
    found: dict[str, Any] = {name: register(ctx, name, **values) for name, values in named.items()}
    with transaction(ctx.engine) as conn:
        proven = "id not in (select address_id from profile_address where profile_id = :old)"
        values = {"now": ctx.clock(), "old": found["old"]}
        conn.execute(text(f"update address set verified_at = :now where {proven}"), values)
        save_wishes(conn, _wishes(found), ctx.clock())
        prefer(conn, ctx, found["chen"], weekly_max=5, escalate=["sms"], channels={"talent": {"email": False}})
        prefer(conn, ctx, found["wang"], weekly_max=0, channel_order=["sms", "app", "email"])
    delete_tag(ctx, found["chen"], "创业")
    give_consent(ctx, found["wang"], "sensitive")
    _corrections(ctx, found["chen"])
    assessed(ctx)
    use_model(ctx, {"interest=人才安居": 3.0, "interest=托育": 2.0, "interest=长者": 2.0})
    joining.ask(ctx, found["old"], FIRM["credit_code"], "我是财务负责人，负责申报补贴。")
    joining.ask(ctx, found["new"], "91330000MA27XY8199", "我是法定代表人，企业尚无管理员。")
    mine = rows(
        ctx, "select min(id) from subscription where profile_id = :who and keyword is not null", who=found["chen"]
    )
    return found | {"leave": _leave(ctx, found), "wish": mine[0][0]}


def _wishes(found: Mapping[str, Any]) -> list[Subscription]:
    """Of every kind, one of them with words that never end."""
    chen, wang, firm = found["chen"], found["wang"], found["firm"]
    return [
        Subscription(chen, "a", themes=("talent",)),
        Subscription(chen, "b", keyword="租房 补贴|公租房", cadence="daily"),
        Subscription(chen, "c", themes=("family", "safety"), regions=("990101",)),
        Subscription(chen, "d", keyword="先进制造业集群高质量发展专精特新中小企业数字化转型", cadence="weekly"),
        Subscription(wang, "a", themes=("elder",), cadence="daily"),
        Subscription(wang, "b", themes=("safety",)),
        Subscription(firm, "a", industries=("I65", "M73")),
        Subscription(firm, "b", themes=("enterprise",), cadence="weekly"),
    ]


def _corrections(ctx: Context, someone: int) -> None:
    """One that was granted, one that was not, one that waits."""
    numbers = [ask(ctx, someone, Wish(fact, value, why)) for fact, (value, why) in LIFE.items()]
    accept(ctx, numbers[0], by="zhoulan", note="已核实，按实际月数登记")
    refuse(ctx, numbers[1], by="zhoulan", reason="户籍系统显示为三人")


def _leave(ctx: Context, found: Mapping[str, Any]) -> int:
    """王秀英 lets 陈晓岚, her daughter, read and manage; the number of the leave."""
    row = {"profile_id": found["wang"], "person_id": found["chen"], "scopes": ["read", "manage"], "wording": "v1"}
    row |= {"granted_at": ctx.clock(), "accepted_at": ctx.clock(), "expires_at": ctx.clock() + timedelta(days=180)}
    with transaction(ctx.engine) as conn:
        made = insert(tables.proxy).values(row).returning(tables.proxy.c.id)
        number = int(conn.execute(made).scalar_one())
        for action in ("GET preferences.show", "POST preferences.choices", "GET subscriber.card"):
            proxies.record_act(conn, number, action, ctx.clock())
    return number
