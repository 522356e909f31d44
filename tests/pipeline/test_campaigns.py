"""Four eyes: the author never approves, and what was approved is what is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.store.campaigns import edit_campaign
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import make_campaign, make_policy


@pytest.fixture
def draft(ctx: Context) -> int:
    with transaction(ctx.engine) as conn:
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


@pytest.mark.parametrize("change", [{"lane": "bulk"}, {"audience": {"top_n": 5}}, {"basis": "办法"}, {"title": "x"}])
def test_any_edit_voids_the_approval(ctx: Context, draft: int, change: dict[str, object]) -> None:
    campaigns.edit(ctx, approved(ctx, draft), actor="李萌", **change)
    with pytest.raises(CampaignError):
        campaigns.start(ctx, draft, "周岚")
    assert campaigns.report(ctx, draft)["reviewer"] is None


def test_an_edit_behind_our_back_voids_it_too(ctx: Context, draft: int) -> None:
    approved(ctx, draft)
    with transaction(ctx.engine) as conn:
        edit_campaign(conn, draft, {"basis": "smuggled in"})
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
