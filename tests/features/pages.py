"""Every page there is: how to reach it and as whom. A new GET view that answers with a page gets a line here.

`who` is "" for nobody, a person of the city ("chen"), a person acting for another ("chen@firm"), or "op:NAME", an
operator. Holes of `path` are filled from the city's. `kind`: resident pages are also weighed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page as Sheet

from tests.features import pages_acts as acts
from tests.features.town import Town
from tests.features.town_errors import PREFIX, REASONS, STATUSES

Act = Callable[[Sheet, Town], None]


@dataclass(frozen=True)
class Place:
    """One page as somebody sees it; `act` is what they do there before it is looked at."""

    name: str
    endpoint: str
    path: str
    who: str = ""
    kind: str = "resident"
    status: int = 200
    act: Act | None = None


def _office(name: str, endpoint: str, path: str, who: str) -> Place:
    return Place(name, f"console.{endpoint}", f"/console{path}", f"op:{who}", "console")


PUBLIC = [
    Place("front", "library.front", "/", kind="public"),
    Place("library", "library.policies", "/policies/", kind="public"),
    Place("library-search", "library.policies", "/policies/?q=补贴&kind=fund", kind="public"),
    Place("library-nothing", "library.policies", "/policies/?q=没有这样的词", kind="public"),
    Place("library-policy", "library.policy", "/policies/{talent}", kind="public"),
    Place("library-long", "library.policy", "/policies/{long}", kind="public"),
    Place("library-emergency", "library.policy", "/policies/{rain}", kind="public"),
    Place("library-consultation", "library.policy", "/policies/{draft}", kind="public"),
    Place("algorithm", "library.algorithm", "/algorithm", kind="public"),
    Place("check", "check.show", "/check", kind="public"),
    Place("check-wrong", "check.show", "/check?code=000000", kind="public"),
    Place("unsubscribe", "links.show", "/u/{stop}", kind="public"),
    Place("unsubscribe-recommended", "links.show", "/u/{stop_recommended}", kind="public"),
]
SIGN_IN = [
    Place("sign-in", "signin.ask", "/m/sign-in"),
    Place("sign-in-wrong", "signin.ask", "/m/sign-in", act=acts.no_such_address),
    Place("sign-in-code", "signin.code", "/m/sign-in", act=acts.ask_for_a_code),
    Place("sign-in-code-wrong", "signin.code", "/m/sign-in", act=acts.wrong_code),
    Place("sign-in-who", "signin.which", "/m/sign-in", act=acts.come_by_a_shared_address),
    Place("sign-in-confirm", "confirming.show", "/m/sign-in", act=acts.come_by_an_old_number),
    Place("sign-in-confirm-wrong", "confirming.show", "/m/sign-in", act=acts.wrong_birthday),
    Place("sign-in-link", "tickets.enter", "/m/enter/{enter}"),
    Place("sign-in-ticket", "tickets.ticket", "/m/ticket/{ticket}", "liu"),
    Place("shell-off", "shell.show", "/m/shell/", status=404),
]
FEED = [
    Place("feed", "subscriber.feed", "/m/", "chen"),
    Place("feed-latest", "subscriber.feed", "/m/?view=latest", "chen"),
    Place("feed-saved", "subscriber.feed", "/m/?view=saved", "chen"),
    Place("feed-toast", "subscriber.feed", "/m/", "chen", act=acts.toast),
    Place("feed-elder", "subscriber.feed", "/m/", "wang"),
    Place("feed-new", "subscriber.feed", "/m/", "new"),
    Place("feed-firm", "subscriber.feed", "/m/", "chen@firm"),
    Place("feed-proxy", "subscriber.feed", "/m/", "chen@wang"),
    Place("card", "subscriber.card", "/m/policies/{talent}", "chen"),
    Place("card-no", "subscriber.card", "/m/policies/{checkup}", "chen"),
    Place("card-consultation", "subscriber.card", "/m/policies/{draft}", "chen"),
    Place("card-emergency", "subscriber.card", "/m/policies/{rain}", "chen"),
    Place("card-sensitive", "subscriber.card", "/m/policies/{refit}", "wang"),
    Place("card-firm", "subscriber.card", "/m/policies/{rd}", "chen@firm"),
    Place("card-long", "subscriber.card", "/m/policies/{long}", "chen@firm"),
    Place("self-check", "self_check.show", "/m/policies/{talent}/check", "chen"),
    Place("self-check-wrong", "self_check.show", "/m/policies/{talent}/check", "chen", act=acts.send_nothing),
    Place("search", "feed_search.search", "/m/search", "chen"),
    Place("search-found", "feed_search.search", "/m/search?q=补贴", "chen"),
    Place("search-nothing", "feed_search.search", "/m/search?q=没有这样的词", "chen"),
    Place("checkup", "checkup.show", "/m/checkup", "chen@firm"),
    Place("checkup-person", "checkup.show", "/m/checkup", "chen"),
    Place("checkup-new", "checkup.show", "/m/checkup", "new"),
    Place("digest", "subscriber.digest", "/m/digests/{digest}", "wang"),
]
QUESTIONS = [
    Place("faq", "faq.index", "/faq", kind="public"),
    Place("questions", "questions.index", "/m/questions", "chen"),
    Place("questions-none", "questions.index", "/m/questions", "new"),
    Place("question", "questions.show", "/m/questions/{question}", "chen"),
    Place("question-answered", "questions.show", "/m/questions/{answered}", "chen"),
    Place("question-new", "questions.new", "/m/questions/new?policy={talent}", "chen"),
    Place("question-new-wrong", "questions.new", "/m/questions/new", "chen", act=acts.send_nothing),
]
OTHERS = [
    Place("acting", "acting.show", "/m/acting", "chen"),
    Place("acting-alone", "acting.show", "/m/acting", "new"),
    Place("firms", "firms.show", "/m/firms", "chen"),
    Place("firms-asked", "firms.show", "/m/firms", "old"),
    Place("firms-wrong", "firms.show", "/m/firms", "new", act=acts.send_nothing),
    Place("firm-leave", "firms.confirm_leave", "/m/firms/{firm}/leave", "liu"),
    Place("firm-members", "firms.members", "/m/firms/{firm}/members", "chen"),
    Place("proxies", "proxies.show", "/m/proxies", "wang"),
    Place("proxies-held", "proxies.show", "/m/proxies", "chen"),
    Place("proxy-log", "proxies.log", "/m/proxies/{leave}", "wang"),
    Place("proxy-accept", "proxies.enter", "/m/proxies/accept", "chen"),
    Place("proxy-accept-wrong", "proxies.enter", "/m/proxies/accept", "chen", act=acts.wrong_invitation),
]
MINE = [
    Place("inbox", "inbox.letters", "/m/inbox", "chen"),
    Place("inbox-unread", "inbox.letters", "/m/inbox?view=unread", "chen"),
    Place("inbox-archived", "inbox.letters", "/m/inbox?view=archived", "chen"),
    Place("history", "history.show", "/m/history", "chen"),
    Place("history-none", "history.show", "/m/history?channel=email", "chen"),
    Place("history-proxy", "history.show", "/m/history", "chen@wang"),
    Place("preferences", "preferences.show", "/m/preferences", "chen"),
    Place("preferences-open", "preferences.show", "/m/preferences", "chen", act=acts.open_all),
    Place("preferences-wrong", "preferences.show", "/m/preferences", "chen", act=acts.wrong_hours),
    Place("wish-new", "wishes.new", "/m/subscriptions/new", "chen"),
    Place("wish-new-firm", "wishes.new", "/m/subscriptions/new", "chen@firm"),
    Place("wish-new-wrong", "wishes.new", "/m/subscriptions/new?step=preview", "chen", status=422),
    Place("wish-preview", "wishes.new", "/m/subscriptions/new?step=preview&theme=elder&cadence=daily", "chen"),
    Place("wish-edit", "wishes.edit", "/m/subscriptions/{wish}", "chen"),
    Place(
        "choose-industry", "choosers.industry", "/m/choose/industry?next=/m/subscriptions/new&field=industry", "chen"
    ),
    Place(
        "choose-industry-found",
        "choosers.industry",
        "/m/choose/industry?next=/m/subscriptions/new&field=industry&q=软件",
        "chen",
    ),
    Place("choose-region", "choosers.region", "/m/choose/region?next=/m/subscriptions/new&field=region", "chen"),
    Place(
        "choose-region-none",
        "choosers.region",
        "/m/choose/region?next=/m/subscriptions/new&field=region&q=没有这样的地方",
        "chen",
    ),
    Place("preferences-elder", "preferences.show", "/m/preferences", "wang"),
    Place("preferences-new", "preferences.show", "/m/preferences", "new"),
    Place("preferences-firm", "preferences.show", "/m/preferences", "chen@firm"),
    Place("preferences-member", "preferences.show", "/m/preferences", "liu@firm"),
    Place("preferences-proxy", "preferences.show", "/m/preferences", "chen@wang"),
    Place("devices", "devices.show", "/m/devices", "chen"),
    Place("sessions", "signed_in.show", "/m/sessions", "chen"),
    Place("tags", "tags.show", "/m/tags", "chen"),
    Place("tags-firm", "tags.show", "/m/tags", "chen@firm"),
    Place("tags-delete", "tags.confirm", "/m/tags/delete?tag=托育", "chen"),
    Place("facts", "facts.show", "/m/facts", "chen"),
    Place("facts-elder", "facts.show", "/m/facts", "wang"),
    Place("facts-firm", "facts.show", "/m/facts", "chen@firm"),
    Place("facts-new", "facts.show", "/m/facts", "new"),
    Place("facts-proxy", "facts.show", "/m/facts", "chen@wang"),
    Place("correct", "facts.form", "/m/facts/correct?fact=insurance_months", "chen"),
    Place("correct-year", "facts.form", "/m/facts/correct?fact=revenue&year=2024", "chen@firm"),
    Place("correct-choose", "facts.form", "/m/facts/correct", "chen"),
    Place("correct-wrong", "facts.form", "/m/facts/correct?fact=insurance_months", "chen", act=acts.send_nothing),
    Place("fact-delete", "facts.deletion", "/m/facts/delete?fact=insurance_months", "chen"),
    Place("family", "family.show", "/m/family", "chen"),
    Place("family-none", "family.show", "/m/family", "new"),
    Place("family-member", "family.form", "/m/family/member", "chen"),
    Place("family-member-wrong", "family.form", "/m/family/member", "chen", act=acts.send_nothing),
    Place("stages", "stages.show", "/m/stages", "chen"),
    Place("stages-firm", "stages.show", "/m/stages", "chen@firm"),
    Place("erase", "own_data.confirm_erase", "/m/preferences/erase", "chen"),
    Place("erase-unsure", "own_data.confirm_erase", "/m/preferences/erase", "chen", act=acts.tick_off),
]
CONSOLE = [
    Place("console-sign-in", "console.signin.ask", "/console/sign-in", kind="console"),
    Place("console-sign-in-wrong", "console.signin.ask", "/console/sign-in", kind="console", act=acts.come_in_wrongly),
    _office("console", "campaigns.index", "/", "limeng"),
    _office("campaign-draft", "campaigns.show", "/campaigns/{campaign_gazette}", "limeng"),
    _office("campaign-review", "campaigns.show", "/campaigns/{campaign_rd}", "zhoulan"),
    _office("campaign-running", "campaigns.show", "/campaigns/{campaign_talent}", "zhoulan"),
    _office("campaign-long", "campaigns.show", "/campaigns/{campaign_long}", "zhoulan"),
    _office("offline", "offline.show", "/campaigns/{campaign_talent}/offline", "zhoulan"),
    _office("refused", "records.refused", "/campaigns/{refused}/refusals/{refused_code}", "shenqi"),
    _office("campaign-edit", "editing.show", "/campaigns/{campaign_gazette}/edit", "limeng"),
    _office("campaign-drifted", "campaigns.show", "/campaigns/{campaign_newborn}", "zhoulan"),
    _office("drift", "records.drifted", "/campaigns/{campaign_newborn}/drift", "zhoulan"),
    _office("audit", "records.log", "/audit", "shenqi"),
    _office("audience", "audience.index", "/audience?policy=p07-talent-housing", "limeng"),
    _office("queue", "queue.index", "/queue", "limeng"),
    _office("queue-one", "queue.show", "/queue/{held}", "limeng"),
    _office("corrections", "corrections.index", "/corrections", "zhoulan"),
    _office("console-questions", "questions.index", "/questions", "limeng"),
    _office("console-question", "questions.show", "/questions/{question}", "limeng"),
    _office("console-question-answered", "questions.show", "/questions/{answered}", "limeng"),
    _office("console-faq", "faq.index", "/faq", "zhoulan"),
    _office("memberships", "memberships.index", "/memberships", "zhoulan"),
    _office("standing", "standing.index", "/standing", "zhoulan"),
    _office("sms-templates", "sms_templates.index", "/sms-templates", "luyuan"),
]
ERRORS = [
    *(Place(f"error-{n}", "tests.error", f"{PREFIX}{n}", kind="error", status=n) for n in STATUSES),
    *(Place(f"error-{why}", "tests.error", f"{PREFIX}{why}", kind="error", status=n) for why, n in REASONS.items()),
]
PLACES: list[Place] = [*PUBLIC, *SIGN_IN, *FEED, *QUESTIONS, *OTHERS, *MINE, *CONSOLE, *ERRORS]

# GET views that answer with no page, and what they answer with.
NO_PAGES = {
    "callbacks.echo": "an echo for a vendor",
    "checkup.calendar": "a calendar",
    "checkup.table": "CSV",
    "console.campaigns.live": "JSON",
    "console.offline.download": "CSV",
    "devices.worker": "a script",
    "favicon": "an icon",
    "history.table": "CSV",
    "host.back": "leads on from an identity provider",
    "host.host": "leads to the host app",
    "host.oidc": "leads to an identity provider",
    "inbox.live": "JSON",
    "links.short": "leads to a policy",
    "ops.healthz": "text",
    "ops.metrics": "text",
    "ops.readyz": "text",
    "own_data.export": "JSON",
    "static_file": "a file",
}
