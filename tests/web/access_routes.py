"""Every route, whom it is for, and how an attacker would fill it in. Written down as data: the guards are not asked.

`needs`: public; self (a resident, no proxy); read, manage, ask (a proxy's leave must cover it, a plain member may only
read for the firm); own:manage (the reader's own choices: any member their own, a proxy by "manage"); admin (of the
firm); any, or names of roles (operators); a scope (API keys). `theirs`: what it is filled with belongs to the resident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# What fills a route's parameter, by the parameter's name; a route's own `fill` comes first.
FILL = {
    "letter_id": "letter", "run_id": "run", "device_id": "device",
    "session_id": "session", "proxy_id": "leave", "firm_id": "firm", "person_id": "mate", "policy_id": "policy",
    "campaign_id": "campaign", "template_id": "sms_template", "filing_id": "filing", "finding_id": "policy_finding",
    "ref": "ref",
}  # fmt: skip


@dataclass(frozen=True)
class Route:
    """One route as it is tried. `fill` and `body`: {name: name in the scene}; `words`: what is sent as it stands."""

    method: str
    rule: str
    needs: str
    theirs: bool = False
    fill: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def changing(self) -> bool:
        """Whether it may change anything at all."""
        return self.method != "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.rule} {dict(self.words)}"


def _get(rule: str, needs: str, **more: Mapping[str, str]) -> Route:
    return Route("GET", rule, needs, **more)  # type: ignore[arg-type]  # the mappings by their names


def _post(rule: str, needs: str, **more: Mapping[str, str]) -> Route:
    return Route("POST", rule, needs, **more)  # type: ignore[arg-type]


def _of(made: Route) -> Route:
    """The same; what fills it is the resident's own."""
    return Route(made.method, made.rule, made.needs, True, made.fill, made.body, made.words, made.query)


_SAID = {"fact": "owns_home", "claimed": "yes"}
_CHILD = {"relation": "elder", "birth_date": "1950-01-01"}

PUBLIC = (
    *(_get(rule, "public") for rule in (
        "/", "/policies/", "/policies/<id:policy_id>", "/algorithm", "/faq", "/check", "/favicon.ico", "/healthz",
        "/readyz", "/metrics", "/m/service-worker.js", "/m/shell/", "/m/host", "/m/oidc", "/m/oidc/back",
        "/m/sign-in", "/m/sign-in/code", "/m/sign-in/who", "/m/sign-in/confirm", "/console/sign-in",
        "/api/v1/openapi.json",
    )),
    _get("/s/<code>", "public", fill={"code": "short"}),
    _get("/static/<path:name>", "public", fill={"name": "short"}),
    _get("/u/<token>", "public", fill={"token": "forged_stop"}),
    _post("/u/<token>", "public", fill={"token": "forged_stop"}),
    _post("/u/<token>/undo", "public", fill={"token": "forged_stop"}),
    _get("/m/enter/<token>", "public", fill={"token": "forged_enter"}),
    _post("/m/enter/<token>", "public", fill={"token": "forged_enter"}),
    _get("/m/ticket/<ticket>", "public", fill={"ticket": "forged_ticket"}),
    _post("/m/ticket/<ticket>", "public", fill={"ticket": "forged_ticket"}),
    _post("/m/sign-in", "public", words={"address": "nobody"}),
    _post("/m/sign-in/code", "public", words={"code": "123456"}),
    _post("/m/sign-in/who", "public", body={"person": "victim"}),
    _post("/m/sign-in/confirm", "public", words={"born": "1980-05-01"}),
    _post("/m/sign-in/not-me", "public"),
    _post("/console/sign-in", "public", words={"name": "reviewer", "password": "wrong"}),
    *(_get(rule, "public", fill={"route": "short", "token": "short"}) for rule in (
        "/hooks/<route>", "/hooks/<route>/<token>")),
    *(_post(rule, "public", fill={"route": "short", "token": "short"}) for rule in (
        "/hooks/<route>", "/hooks/<route>/<token>", "/hooks/<route>/replies", "/hooks/<route>/<token>/replies")),
)  # fmt: skip

READING = (
    *(_get(rule, "read") for rule in (
        "/m/", "/m/acting", "/m/search", "/m/policies/<id:policy_id>", "/m/preferences", "/m/tags", "/m/history",
        "/m/facts", "/m/stages", "/m/choose/industry", "/m/choose/region", "/m/family", "/m/questions",
        "/m/checkup", "/m/checkup.csv", "/m/checkup.ics",
    )),
    *(_get(rule, "ask") for rule in (
        "/m/facts/correct", "/m/family/member", "/m/questions/new", "/m/policies/<id:policy_id>/check",
    )),
    *(_get(rule, "self") for rule in (
        "/m/inbox", "/m/inbox.json", "/m/sessions", "/m/devices", "/m/proxies", "/m/proxies/accept", "/m/firms",
        "/m/history.csv", "/m/preferences/export", "/m/preferences/erase",
    )),
    _get("/m/subscriptions/new", "manage"),
    _of(_get("/m/subscriptions/<id:number>", "manage", fill={"number": "subscription"})),
    _get("/m/tags/delete", "manage", query={"tag": "tag"}),
    _of(_get("/m/digests/<id:run_id>", "read")),
    _of(_get("/m/questions/<id:number>", "read", fill={"number": "answered"})),
    _of(_get("/m/questions/new", "ask", query={"follows": "answered"})),
    _of(_get("/m/family/member", "ask", query={"id": "member"})),
    _get("/m/facts/delete", "ask", query={"fact": "fact"}),
    _of(_get("/m/proxies/<id:proxy_id>", "self")),
    _of(_get("/m/firms/<id:firm_id>/leave", "member")),
    _of(_get("/m/firms/<id:firm_id>/members", "admin")),
)  # fmt: skip

CHANGING = (
    _post("/m/act-for", "read", body={"profile": "victim"}),
    *(_post(f"/m/preferences/{name}", "own:manage", words=words) for name, words in {
        "personalised": {"on": "0"}, "recommended": {"weekly_max": "1", "cadence": "weekly"},
        "choices": {"sms": "0"}, "unread": {"escalate_hours": "5"}, "language": {"locale": "en"},
        "quiet": {"quiet_from": "22:00", "quiet_to": "07:00"}, "agree": {}, "stop-all": {},
        "stop-all/undo": {"at": "2026-06-24T09:30:00+08:00", "before": "0", "after": "99", "dropped": "0"},
    }.items()),
    _post("/m/preferences/subscriptions", "manage", words={"keyword": "补贴", "cadence": "weekly"}),
    *(_of(_post(f"/m/preferences/subscriptions/<id:number>/{name}", "manage", fill={"number": which}, words=words))
      for name, which, words in (
          ("stop", "subscription", {}), ("resume", "stopped", {}), ("cadence", "subscription", {"cadence": "daily"}))),
    _of(_post("/m/subscriptions/<id:number>", "manage", fill={"number": "subscription"},
              words={"keyword": "补贴", "cadence": "weekly"})),
    _post("/m/tags/add", "manage", words={"tag": "人才"}),
    _post("/m/tags/delete", "manage", words={"tag": "人才"}),
    _post("/m/tags/restore", "manage", words={"tag": "人才"}),
    _post("/m/policies/<id:policy_id>/feedback", "manage", words={"kind": "dismissed", "on": "1"}),
    _post("/m/policies/<id:policy_id>/applied", "ask", words={"on": "1"}),
    _post("/m/policies/<id:policy_id>/check", "ask", words={"keep": "1"}),
    _post("/m/policies/<id:policy_id>/useful", "self", words={"useful": "1"}),
    _post("/m/facts/correct", "ask", words=_SAID),
    _post("/m/facts/delete", "ask", words={"fact": "insurance_months", "ground": "wrong"}),
    _post("/m/facts/drop", "ask", words={"fact": "owns_home"}),
    _post("/m/facts/undo", "ask", words={"fact": "tenure"}, body={"sealed": "sealed_fact"}),
    _post("/m/facts/sensitive", "self", words={"on": "1"}),
    _post("/m/family/member", "ask", words=_CHILD),
    _of(_post("/m/family/member", "ask", words=_CHILD, body={"id": "member"})),
    _post("/m/family/remove", "ask", body={"id": "member"}),
    _of(_post("/m/family/undo", "ask", body={"sealed": "sealed_member"})),
    _post("/m/family/consent", "self", words={"on": "1"}),
    _post("/m/questions", "ask", words={"words": "什么时候到账？"}),
    _of(_post("/m/questions", "ask", words={"words": "那然后呢？"}, body={"follows": "answered"})),
    _of(_post("/m/questions/<id:number>/withdraw", "ask", fill={"number": "question"})),
    _of(_post("/m/questions/<id:number>/useful", "ask", fill={"number": "answered"}, words={"useful": "0"})),
    _post("/m/inbox/read", "self"),
    _of(_post("/m/inbox/<id:letter_id>", "self")),
    _of(_post("/m/inbox/<id:letter_id>/read", "self")),
    _of(_post("/m/inbox/<id:letter_id>/archive", "self")),
    _post("/m/devices", "self", words={"subscription": "{}"}),
    _post("/m/devices/leave", "self", words={"subscription": "{}"}),
    _of(_post("/m/devices/<id:device_id>/forget", "self")),
    _post("/m/phone", "self", words={"platform": "jpush", "token": "2" * 19}),
    _post("/m/phone/leave", "self", words={"platform": "jpush", "token": "1" * 19}),
    _of(_post("/m/sessions/<id:session_id>/end", "self")),
    _of(_post("/m/sessions/accounts/<id:number>/unlink", "self", fill={"number": "account"})),
    _post("/m/proxies", "self", words={"until": "2026-09-01"}),
    _of(_post("/m/proxies/<id:proxy_id>/end", "self")),
    _post("/m/proxies/accept", "self", words={"code": "wrong23456", "sure": "1"}),
    _post("/m/firms/join", "self", words={"code": "91330106MA2CFRG25X", "why": "x"}),
    _of(_post("/m/firms/requests/<id:number>/withdraw", "self", fill={"number": "asked_by_victim"})),
    _of(_post("/m/firms/<id:firm_id>/wants", "member")),
    _of(_post("/m/firms/<id:firm_id>/members/<id:person_id>/role", "admin", words={"role": "admin"})),
    _of(_post("/m/firms/<id:firm_id>/members/<id:person_id>/remove", "admin")),
    _of(_post("/m/firms/<id:firm_id>/requests/<id:number>", "admin", fill={"number": "asked_at_firm"},
              words={"role": "admin"})),
    _of(_post("/m/firms/<id:firm_id>/leave", "member")),
    _post("/m/sessions/end-others", "self"),
    _post("/m/preferences/erase", "self", words={"sure": "0"}),
    _post("/m/sign-out", "public"),
)  # fmt: skip

_C = "/console/campaigns/<id:campaign_id>"
CONSOLE = (
    *(_get(rule, "any") for rule in (
        "/console/", _C, f"{_C}/live.json", f"{_C}/offline", "/console/queue", "/console/queue/<id:policy_id>",
        "/console/sms-templates", "/console/standing",
    )),
    *(_get(rule, "author,reviewer,auditor") for rule in ("/console/questions", "/console/faq")),
    _get("/console/questions/<id:number>", "author,reviewer,auditor", fill={"number": "question"}),
    *(_get(rule, "reviewer,auditor") for rule in ("/console/corrections", "/console/memberships")),
    _get("/console/audit", "auditor,administrator,reviewer"),
    _get("/console/audience", "author,reviewer,sender"),
    _get(f"{_C}/offline.csv", "reviewer,sender,auditor"),
    _get(f"{_C}/refusals/<code>", "reviewer,sender,auditor", fill={"code": "refusal"}),
    _get(f"{_C}/drift", "reviewer,sender,auditor"),
    _post("/console/audience", "author,reviewer,sender"),
    _post("/console/audience/count", "author,reviewer,sender"),
    _post(f"{_C}/rule", "author"),
    _get(f"{_C}/edit", "author"),
    _post(f"{_C}/edit", "author"),
    *(_post(f"{_C}/<action>", roles, fill={"action": name}) for name, roles in {
        "submit": "author", "approve": "reviewer", "changes": "reviewer", "start": "sender", "pause": "sender",
        "resume": "sender", "cancel": "sender,author",
    }.items()),
    _post("/console/corrections/<id:number>/accept", "reviewer", fill={"number": "correction"}),
    _post("/console/corrections/<id:number>/refuse", "reviewer", fill={"number": "correction"}, words={"answer": "x"}),
    _post("/console/memberships/<id:number>/accept", "reviewer", fill={"number": "asked_by_victim"},
          words={"reason": "x"}),
    _post("/console/memberships/<id:number>/refuse", "reviewer", fill={"number": "asked_by_victim"},
          words={"reason": "x"}),
    _post("/console/questions/<id:number>/answer", "author,reviewer", fill={"number": "question"},
          words={"answer": "x"}),
    _post("/console/faq", "author,reviewer", words={"faq_question": "x", "faq_answer": "y"}),
    _post("/console/faq/<id:number>/publish", "reviewer", fill={"number": "faq"}),
    _post("/console/faq/<id:number>/withdraw", "author,reviewer", fill={"number": "faq"}),
    _post("/console/queue/<id:policy_id>/<id:finding_id>", "author,reviewer", words={"reason": "x"}),
    _post("/console/sms-templates", "author", words={"name": "mine", "locale": "zh", "kind": "notice", "body": "x"}),
    _post("/console/sms-templates/<id:template_id>/file", "sender,administrator"),
    _post("/console/sms-templates/filings/<id:filing_id>/<answer>", "sender,administrator",
          fill={"answer": "approved"}),
    _post("/console/standing", "author", words={"name": "x", "events": "new", "doors": "subscribed"}),
    *(_post("/console/standing/<id:number>/<action>", roles, fill={"number": "standing_rule", "action": name})
      for name, roles in {"submit": "author", "approve": "reviewer", "end": "author,reviewer,sender"}.items()),
    _post("/console/sign-out", "any"),
)  # fmt: skip

_A = "/api/v1"
API = (
    *(_get(f"{_A}{rule}", "read") for rule in (
        "/campaigns/<id:campaign_id>", "/policies", "/profiles/<ref>", "/profiles/<ref>/fits")),
    _get(f"{_A}/people/<ref>/devices", "devices:write"),
    _post(f"{_A}/people/<ref>/devices", "devices:write", words={"platform": "jpush", "token": "3" * 19}),
    Route("DELETE", f"{_A}/people/<ref>/devices/<id:device_id>", "devices:write"),
    _get(f"{_A}/people/<ref>/inbox", "inbox"),
    _post(f"{_A}/people/<ref>/inbox/read", "inbox"),
    _post(f"{_A}/people/<ref>/inbox/<id:letter_id>/<action>", "inbox", fill={"action": "archive"}),
    _post(f"{_A}/audience/count", "audience:count"),
    _post(f"{_A}/policies", "policies:write", words={"ref": "new"}),
    _post(f"{_A}/policies/<ref>/publish", "policies:write", fill={"ref": "policy_ref"}),
    Route("PUT", f"{_A}/profiles/<ref>", "profiles:write", words={"kind": "citizen"}),
    _post(f"{_A}/tickets", "tickets", body={"person": "ref"}),
)  # fmt: skip

RESIDENT = (*READING, *CHANGING)
ROUTES = (*PUBLIC, *RESIDENT, *CONSOLE, *API)
