"""What a leave does not cover is refused, whatever the address: every view is tried by a proxy who may only read."""

from __future__ import annotations

from datetime import date

from flask import Flask

from pushsvc.context import Context
from tests.web.making import person, publish, snapshot
from tests.web.test_proxies import leave, switched

OPEN = {"acting.act_for", "signin.leave", "signin.ask"}  # back to oneself, and out
WATCHED = ("audit", "proxy_act", "resident_session")


def test_who_may_only_read_changes_nothing_anywhere(app: Flask, ctx: Context) -> None:
    father, daughter = person(ctx, 1, birth_date=date(1950, 1, 1)), person(ctx, 2)
    publish(ctx)
    leave(ctx, father, daughter)
    hers = switched(app, daughter, father)
    token = hers.open("/m/acting") and hers.form("/m/act-for")["csrf_token"]
    values = {
        "csrf_token": token,
        "on": "1",
        "kind": "saved",
        "cadence": "daily",
        "tag": "x",
        "sure": "1",
        "lang": "en",
    }
    before = snapshot(ctx, but=WATCHED)
    let_in = []
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or not rule.rule.startswith("/m/") or rule.endpoint in OPEN:
            continue
        guard = getattr(app.view_functions[rule.endpoint], "guard", "")
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<id:{name}>", "1").replace(f"<{name}>", "x")
        status = hers.client.post(path, data=values).status_code
        if not guard.startswith("public") and status != 403:
            let_in.append((rule.endpoint, status))
    assert let_in == []
    assert snapshot(ctx, but=WATCHED) == before
