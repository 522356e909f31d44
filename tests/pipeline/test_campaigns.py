"""Four eyes: the author never approves, and what was approved is what is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.campaigns import CampaignError, content_hash
from pushsvc.store.access import Operator, put_operator
from pushsvc.store.audit import recent
from pushsvc.store.campaigns import edit_campaign, get_campaign
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import transaction
from pushsvc.store.states import CAMPAIGN
from tests.clock import Clock
from tests.making import make_campaign, make_person, make_policy, subscribe


@pytest.fixture
def draft(ctx: Context) -> int:
    """A campaign that would reach one person, who asked for it."""
    with transaction(ctx.engine) as conn:
        subscribe(conn, ctx, make_person(conn, ctx, 1, consent=("notify",)), "wish")
        return make_campaign(conn, ctx, make_policy(conn, ctx), state="draft")


def approved(ctx: Context, campaign_id: int) -> int:
    """The campaign, approved by a second person."""
    campaigns.submit(ctx, campaign_id, "李萌")
    campaigns.approve(ctx, campaign_id, "周岚")
    return campaign_id


def code_of(error: pytest.ExceptionInfo[CampaignError]) -> str:
    return error.value.code


def test_the_author_may_not_approve(ctx: Context, draft: int) -> None:
    campaigns.submit(ctx, draft, "李萌")
    with pytest.raises(CampaignError) as error:
        campaigns.approve(ctx, draft, "李萌")
    assert code_of(error) == "same_person"


@pytest.mark.parametrize("name", ["李萌 ", "李 萌", "\u200b李萌"])
def test_the_author_under_a_name_that_reads_the_same_may_not_approve(ctx: Context, draft: int, name: str) -> None:
    campaigns.submit(ctx, draft, "李萌")
    with pytest.raises(CampaignError) as error:
        campaigns.approve(ctx, draft, name)
    assert code_of(error) == "same_person"


@pytest.mark.parametrize("name", ["", " ", "\u200b"])
def test_nobody_drafts_submits_or_approves(ctx: Context, draft: int, name: str) -> None:
    with transaction(ctx.engine) as conn:
        policy = policy_by_ref(conn, "policy-1")
    assert policy is not None
    for act in (
        lambda: campaigns.create(ctx, policy, author=name),
        lambda: campaigns.submit(ctx, draft, name),
        lambda: campaigns.approve(ctx, draft, name),
    ):
        with pytest.raises(CampaignError) as error:
            act()
        assert code_of(error) == "no_name"


def test_a_draft_cannot_be_started(ctx: Context, draft: int) -> None:
    with pytest.raises(CampaignError) as error:
        campaigns.start(ctx, draft, "周岚")
    assert code_of(error) == "state"


def test_it_runs_after_a_second_person_approved(ctx: Context, draft: int) -> None:
    campaigns.start(ctx, approved(ctx, draft), "周岚")
    assert campaigns.report(ctx, draft)["state"] == "running"


def test_the_workers_of_its_lane_hear_of_it_at_once(ctx: Context, draft: int) -> None:
    heard: list[str] = []
    campaigns.edit(ctx, draft, actor="李萌", lane="urgent")
    campaigns.start(replace(ctx, nudge=heard.append), approved(ctx, draft), "周岚")
    assert heard == ["pushsvc.advance.urgent"]


@pytest.mark.parametrize(
    "change",
    [{"lane": "bulk"}, {"audience": {"top_n": 5}}, {"basis": "办法"}, {"title": "x"}, {"emergency": True},
     {"rate_per_second": 5.0}, {"escalate_after": 2}, {"detail": {"days": 7}}],
)  # fmt: skip
def test_any_edit_voids_the_approval(ctx: Context, draft: int, change: dict[str, object]) -> None:
    campaigns.edit(ctx, approved(ctx, draft), actor="李萌", **change)
    with pytest.raises(CampaignError):
        campaigns.start(ctx, draft, "周岚")
    assert campaigns.report(ctx, draft)["reviewer"] is None


@pytest.mark.parametrize(
    "change", [{"basis": "smuggled in"}, {"emergency": True}, {"rate_per_second": 9.0}, {"detail": {"days": 1}}]
)
def test_an_edit_behind_our_back_voids_it_too(ctx: Context, draft: int, change: dict[str, object]) -> None:
    approved(ctx, draft)
    with transaction(ctx.engine) as conn:
        edit_campaign(conn, draft, change)
    with pytest.raises(CampaignError) as error:
        campaigns.start(ctx, draft, "周岚")
    assert code_of(error) == "approval_void"
    assert campaigns.report(ctx, draft)["state"] == "draft"


@pytest.mark.parametrize(
    ("options", "code"),
    [({"doors": ["window"]}, "unknown_door"), ({"lane": "fast"}, "unknown_lane"), ({"x": 1}, "unknown_option"),
     ({"doors": ["entitled"]}, "no_basis")],
)  # fmt: skip
def test_bad_options_are_refused_by_name(ctx: Context, draft: int, options: dict[str, object], code: str) -> None:
    with pytest.raises(CampaignError) as error:
        campaigns.edit(ctx, draft, actor="李萌", **options)
    assert code_of(error) == code


def test_the_duty_of_an_entitled_campaign_cannot_be_edited_away(ctx: Context, draft: int) -> None:
    campaigns.edit(ctx, draft, actor="李萌", doors=["entitled"], basis="办法第十条")
    campaigns.edit(ctx, draft, actor="李萌", doors=["entitled", "subscribed"])
    with pytest.raises(CampaignError) as error:
        campaigns.edit(ctx, draft, actor="李萌", basis=" ")
    assert code_of(error) == "no_basis"


@pytest.mark.parametrize(
    "content",
    [{"fr": {"sms": "x"}}, {"zh": {"fax": "x"}}, {"zh": "x"}, {"zh": {"sms": "{{ nobody }}"}}, {"zh": {"sms": "{% if"}},
     {"zh": {"sms": "{{ unsubscribe_url }}"}}, {"zh": {"push": "{{ check }}"}}, {"en": {"sms": " "}}],
)  # fmt: skip
def test_words_that_could_never_be_sent_are_refused_at_once(
    ctx: Context, draft: int, content: dict[str, object]
) -> None:
    with pytest.raises(CampaignError) as error:
        campaigns.edit(ctx, draft, actor="李萌", content=content)
    assert code_of(error) == "bad_content"


def test_words_of_its_own_are_taken(ctx: Context, draft: int) -> None:
    words = {"zh": {"sms": "{{ title }}{{ until }}，核验{{ check }}", "email_text": "{{ unsubscribe_url }} 见附"}}
    campaigns.edit(ctx, draft, actor="李萌", content=words)
    assert campaigns.report(ctx, draft)["state"] == "draft"


def test_it_begins_at_its_moment_and_not_before(ctx: Context, draft: int, clock: Clock) -> None:
    campaigns.edit(ctx, draft, actor="李萌", starts_at=clock() + timedelta(hours=1))
    campaigns.start(ctx, approved(ctx, draft), "周岚")
    advance(ctx)
    assert campaigns.report(ctx, draft)["state"] == "scheduled"
    clock.forward(hours=1)
    advance(ctx)
    assert campaigns.report(ctx, draft)["state"] == "running"


def test_a_scheduled_campaign_that_was_changed_does_not_begin(ctx: Context, draft: int, clock: Clock) -> None:
    campaigns.edit(ctx, draft, actor="李萌", starts_at=clock() + timedelta(hours=1))
    campaigns.start(ctx, approved(ctx, draft), "周岚")
    with transaction(ctx.engine) as conn:
        edit_campaign(conn, draft, {"basis": "smuggled in"})
    clock.forward(hours=1)
    advance(ctx)
    assert campaigns.report(ctx, draft)["state"] == "draft"


def test_what_is_scheduled_is_not_started_before_the_moment_that_was_approved(
    ctx: Context, draft: int, clock: Clock
) -> None:
    campaigns.edit(ctx, draft, actor="李萌", starts_at=clock() + timedelta(hours=1))
    campaigns.start(ctx, approved(ctx, draft), "周岚")
    with pytest.raises(CampaignError) as error:
        campaigns.start(ctx, draft, "周岚")
    assert (code_of(error), error.value.place) == ("not_yet", f"campaign {draft}")
    assert campaigns.report(ctx, draft)["state"] == "scheduled"
    clock.forward(hours=1)
    campaigns.start(ctx, draft, "周岚")
    assert campaigns.report(ctx, draft)["state"] == "running"


@pytest.mark.parametrize(
    ("act", "only"), [(campaigns.resume, {"paused"}), (campaigns.start, {"approved", "scheduled"})]
)
@pytest.mark.parametrize("state", sorted(CAMPAIGN))
def test_only_what_was_paused_is_resumed_and_only_what_was_approved_is_started(
    ctx: Context, draft: int, act: Callable[[Context, int, str], None], only: set[str], state: str
) -> None:
    with transaction(ctx.engine) as conn:
        edit_campaign(conn, draft, {"state": state})
        row = get_campaign(conn, draft)
        assert row is not None
        edit_campaign(conn, draft, {"approved_hash": content_hash(dict(row))})
    if state in only:
        act(ctx, draft, "李萌")
        assert campaigns.report(ctx, draft)["state"] == "running"
        return
    with pytest.raises(CampaignError) as error:
        act(ctx, draft, "李萌")
    assert (code_of(error), error.value.place) == ("state", f"campaign {draft}")
    assert error.value.sentence.endswith(".")
    assert campaigns.report(ctx, draft)["state"] == state


@pytest.mark.parametrize("edits", [("周岚",), ("周岚", "吴越"), (" 周 岚",)])
def test_whoever_edited_it_may_not_approve_it(ctx: Context, draft: int, edits: tuple[str, ...]) -> None:
    for actor in edits:
        campaigns.edit(ctx, draft, actor=actor, title=f"{actor}的标题")
    campaigns.submit(ctx, draft, "李萌")
    for name in ("李萌", "周岚"):
        with pytest.raises(CampaignError) as error:
            campaigns.approve(ctx, draft, name)
        assert code_of(error) == "same_person"
    campaigns.approve(ctx, draft, "赵敏")


def test_nobody_edits(ctx: Context, draft: int) -> None:
    with pytest.raises(CampaignError) as error:
        campaigns.edit(ctx, draft, actor=" ", title="x")
    assert code_of(error) == "no_name"


def test_an_approval_from_before_there_were_emergencies_stays_valid() -> None:
    row = dict.fromkeys(campaigns.BOUND) | {"policy_checksum": "c", "policy_criteria": None, "policy_mandatory": False}
    row |= {"starts_at": None, "expires_at": None}
    silent = content_hash(row | campaigns.SAID)
    said = [content_hash(row | campaigns.SAID | {name: 1}) for name in campaigns.SAID]
    assert len({silent, *said}) == 1 + len(campaigns.SAID)
    old = {**dict.fromkeys(campaigns.BOUND), "policy": "c", "criteria": None, "mandatory": False}
    told = json.dumps(old | {"starts_at": None, "expires_at": None}, sort_keys=True, ensure_ascii=False)
    assert silent == hashlib.sha256(told.encode()).hexdigest()


def office(ctx: Context, name: str, *roles: str) -> None:
    """An operator; the password is nobody's."""
    with transaction(ctx.engine) as conn:
        put_operator(conn, Operator(name, name, roles), password="-", now=ctx.clock())


def test_an_emergency_is_approved_by_an_operator_with_that_role_alone(ctx: Context, draft: int) -> None:
    office(ctx, "周岚", "reviewer")
    office(ctx, "赵敏", "emergency")
    campaigns.edit(ctx, draft, actor="李萌", emergency=True)
    campaigns.submit(ctx, draft, "李萌")
    for name in ("周岚", "nobody", "赵敏 "):
        with pytest.raises(CampaignError) as error:
            campaigns.approve(ctx, draft, name)
        assert code_of(error) == "no_emergency_role"
    campaigns.approve(ctx, draft, "赵敏")
    with transaction(ctx.engine) as conn:
        actions = [row["action"] for row in recent(conn, object=f"campaign:{draft}")]
    assert actions[0] == "campaign.approve_emergency"
    assert "campaign.approve" not in actions


def test_the_author_of_an_emergency_may_not_approve_it_with_any_role(ctx: Context, draft: int) -> None:
    office(ctx, "李萌", "author", "emergency")
    campaigns.edit(ctx, draft, actor="李萌", emergency=True)
    campaigns.submit(ctx, draft, "李萌")
    with pytest.raises(CampaignError) as error:
        campaigns.approve(ctx, draft, "李萌")
    assert code_of(error) == "same_person"
