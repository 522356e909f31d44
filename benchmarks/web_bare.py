"""Two plain pages, for `benchmarks.web`: a bare Flask page, and one with four SELECTs and a template."""

from __future__ import annotations

import os

from flask import Flask, render_template_string
from sqlalchemy import text

from pushsvc.store.session import connect

_THREADS = 4
_PAGE = """<!doctype html><title>{{ title }}</title>
<ul>{% for row in rows %}<li><h2>{{ row.title }}</h2><p>{{ row.summary }}</p></li>{% endfor %}</ul>"""
_SELECTS = (
    "select id, kind from profile where id = 1",
    "select * from preference where profile_id = 1",
    "select policy_id, kind from feedback where profile_id = 1",
)
_LIST = text("select title, summary from policy order by id desc limit 20")

app = Flask(__name__)
_engine = connect(os.environ["PUSHSVC_DATABASE_URL"], pool=_THREADS)


@app.get("/bare")
def bare() -> str:
    """As fast as Flask answers under this server."""
    return "<!doctype html><title>bare</title><p>bare"


@app.get("/selects")
def selects() -> str:
    """Four SELECTs and a template, as a plain page of a database has them."""
    with _engine.begin() as conn:
        for statement in _SELECTS:
            conn.execute(text(statement)).first()
        rows = list(conn.execute(_LIST))
    return render_template_string(_PAGE, title="plain", rows=rows)
