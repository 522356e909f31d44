"""The gate: what is found in a text stands beside it; what blocks holds the draft until somebody settled it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.store.findings import NewFinding, put_findings
from pushsvc.store.policies import Policy, policy_by_id
from pushsvc.store.policy_links import NewLink, put_links
from pushsvc.store.policy_sources import Source, put_source
from pushsvc.store.session import Connection
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.quality import Finding, findings
from pushsvc.texts.raw import RawText

RELATIONS = ("repeals", "based_on", "forwards", "interprets", "amends", "excludes")
_TOLD = ("duplicate", "no_body")
_JUDGED = ("title", "agency", "doc_no", "amount", "date_written", "date_published", "body")


def text_mark(content: Mapping[str, object] | Policy) -> str:
    """SHA-256 over what the gate judges: a finding is about one such text."""
    values = vars(content) if isinstance(content, Policy) else content
    judged = [str(values[name] or "") for name in _JUDGED]
    return hashlib.sha256(json.dumps(judged).encode()).hexdigest()


def judge(
    conn: Connection, ctx: Context, policy_id: int, *, text: PolicyText, raw: RawText, notes: Sequence[NewFinding] = ()
) -> None:
    """Write down what is found in the text just stored, what it says of others, and where it came from."""
    stored = policy_by_id(conn, policy_id)
    if stored is None:
        return
    found = [weighed(one, stored) for one in findings(text, raw, today=city_day(ctx))]
    put_findings(conn, policy_id, text_mark(stored), [*found, *notes], ctx.clock())
    links = [NewLink(link.relation, link.doc_no, link.title) for link in text.links]
    put_links(conn, policy_id, links, relations=RELATIONS)


def weighed(one: Finding, stored: Policy) -> NewFinding:
    """What was found, as it counts for this policy.

    Who writes our own format says by its reference what is a policy of its own, by its kind what is a draft for
    comment, and must give a body, be it one sentence: of such a row these are noted, not held.
    """
    told = _TOLD if stored.kind != "consultation" else (*_TOLD, "draft_as_policy")
    known = stored.source_checksum is None and one.code in told
    return NewFinding(**vars(one) | {"blocking": one.blocking and not known})


def note(conn: Connection, ctx: Context, policy_id: int, found: NewFinding) -> None:
    """Add one finding about the policy as it stands."""
    stored = policy_by_id(conn, policy_id)
    if stored is not None:
        put_findings(conn, policy_id, text_mark(stored), [found], ctx.clock())


def keep_source(conn: Connection, ctx: Context, policy_id: int, raw: RawText, origin: str) -> None:
    """Remember the copy: file, line, address, checksum, the header as it was and what we have no field for."""
    url = raw.fields.get("url")
    url = url if isinstance(url, str) else None
    header = {name: value for name, value in raw.fields.items() if name != "body"}
    source = Source(
        origin=clean(origin), line=raw.line, host=_host(url), url=clean(url), checksum=raw.checksum,
        header=clean(header), extra=clean(dict(raw.extra)), imported_at=ctx.clock(),
    )  # fmt: skip
    put_source(conn, policy_id, source)


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


def clean(value: Any) -> Any:
    """What no database text can hold is replaced: NUL and halves of characters."""
    text = json.dumps(value, ensure_ascii=False, default=str).replace("\\u0000", "\\ufffd")
    return json.loads(text.encode("utf-8", "replace"))
