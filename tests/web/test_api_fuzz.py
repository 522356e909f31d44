"""Whatever a program sends, the API answers as its own description says, and never breaks."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.web.api.description import description
from tests.web.making import api_key

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GOOD: dict[str, dict[str, Any]] = {
    "PolicyDraft": {"ref": "p", "title": "补贴", "agency": "某局", "body": "第一条"},
    "ProfileInput": {"kind": "citizen", "region": "990105"},
    "TicketRequest": {"person": "x"},
}
ODD = st.sampled_from(
    ["", " ", "\u202e", "\ud800", "\0", "-1", "1e999", "2026-02-30", "0000-00-00", "9999-12-31", "0001-01-01", "990105",
     "notify:sms", "x@2026-03-01@990101", "p:admin", "+8613800000000", "<script>", "a" * 5000, "|||", ":", "@", "none"]
)  # fmt: skip
LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=20), ODD,
    st.sampled_from([1e308, -0.0, 2**31, 2**63]),
)  # fmt: skip
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | ODD, inner, max_size=4)
)


def names(schema: str) -> list[str]:
    return sorted(description()["components"]["schemas"][schema]["properties"])


def bodies(schema: str) -> st.SearchStrategy[Any]:
    """The good body with some fields replaced, or anything at all."""
    changed = st.dictionaries(st.sampled_from(names(schema)), JSON, max_size=4)
    return changed.map(lambda changes: GOOD[schema] | changes) | JSON


def check(answer: Any, path: str, method: str) -> None:
    """The status is one that is described, and the body has the shape described for it."""
    api = description()
    told = api["paths"][path][method]["responses"]
    assert str(answer.status_code) in told, (answer.status_code, answer.get_data(as_text=True)[:300])
    response = told[str(answer.status_code)]
    if "$ref" in response:
        response = api["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json, {**schema, "components": api["components"]})


@FUZZ
@given(body=bodies("PolicyDraft"))
def test_any_policy_is_answered_as_described(app: Flask, ctx: Context, body: Any) -> None:
    answer = app.test_client().post("/api/v1/policies", json=body, headers=_key(ctx))
    check(answer, "/api/v1/policies", "post")


@FUZZ
@given(body=bodies("ProfileInput"), ref=st.sampled_from(["x", "人", "a b", "a" * 300, "\u202e"]))
def test_any_profile_is_answered_as_described(app: Flask, ctx: Context, body: Any, ref: str) -> None:
    client, headers = app.test_client(), _key(ctx)
    check(client.put(f"/api/v1/profiles/{ref}", json=body, headers=headers), "/api/v1/profiles/{ref}", "put")
    check(client.get(f"/api/v1/profiles/{ref}", headers=headers), "/api/v1/profiles/{ref}", "get")


@FUZZ
@given(body=st.dictionaries(st.sampled_from(["author", "reviewer", "basis", "x"]), LEAF) | JSON)
def test_any_publication_is_answered_as_described(app: Flask, ctx: Context, body: Any) -> None:
    headers = _key(ctx)
    app.test_client().post("/api/v1/policies", json=GOOD["PolicyDraft"], headers=headers)
    for ref in ("p", "nothing"):
        answer = app.test_client().post(f"/api/v1/policies/{ref}/publish", json=body, headers=headers)
        check(answer, "/api/v1/policies/{ref}/publish", "post")


@FUZZ
@given(query=st.dictionaries(st.sampled_from(["q", "topic", "kind", "page", "size"]), LEAF.map(str) | ODD))
def test_any_search_is_answered_as_described(app: Flask, ctx: Context, query: dict[str, str]) -> None:
    query = {name: value for name, value in query.items() if "\ud800" not in value}  # no client can send it
    answer = app.test_client().get("/api/v1/policies", query_string=query, headers=_key(ctx))
    check(answer, "/api/v1/policies", "get")


@pytest.mark.parametrize("number", ["0", "1", "-1", "9" * 30, "x", "1.5"])
def test_any_campaign_is_answered_as_described(app: Flask, ctx: Context, number: str) -> None:
    answer = app.test_client().get(f"/api/v1/campaigns/{number}", headers=_key(ctx))
    check(answer, "/api/v1/campaigns/{id}", "get")


@FUZZ
@given(body=bodies("TicketRequest"))
def test_any_request_for_a_ticket_is_answered_as_described(app: Flask, ctx: Context, body: Any) -> None:
    answer = app.test_client().post("/api/v1/tickets", json=body, headers=_key(ctx))
    check(answer, "/api/v1/tickets", "post")


def _key(ctx: Context) -> dict[str, str]:
    return api_key(ctx, "read", "policies:write", "profiles:write", "tickets")
