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


def _signed_in(endpoint: str, who: str, **paths: str) -> list[Place]:
    return [Place(name, endpoint, path, who) for name, path in paths.items()]


def _office(endpoint: str, who: str, **paths: str) -> list[Place]:
    return [Place(name, f"console.{endpoint}", f"/console{path}", f"op:{who}", "console") for name, path in paths.items()]


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
    Place("check-wrong", "check.show", "/check", kind="public", act=acts.send_nothing),
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
    *_signed_in("subscriber.feed", "chen", **{
        "feed": "/m/", "feed-latest": "/m/?view=latest", "feed-saved": "/m/?view=saved",
    }),
    Place("feed-toast", "subscriber.feed", "/m/", "chen", act=acts.toast),
    Place("feed-elder", "subscriber.feed", "/m/", "wang"),
    Place("feed-new", "subscriber.feed", "/m/", "new"),
    Place("feed-firm", "subscriber.feed", "/m/", "chen@firm"),
    Place("feed-proxy", "subscriber.feed", "/m/", "chen@wang"),
    *_signed_in("subscriber.card", "chen", **{
        "card": "/m/policies/{talent}", "card-no": "/m/policies/{checkup}", "card-consultation": "/m/policies/{draft}",
        "card-emergency": "/m/policies/{rain}",
    }),
    Place("card-sensitive", "subscriber.card", "/m/policies/{refit}", "wang"),
    Place("card-firm", "subscriber.card", "/m/policies/{rd}", "chen@firm"),
    Place("card-long", "subscriber.card", "/m/policies/{long}", "chen@firm"),
    Place("self-check", "self_check.show", "/m/policies/{talent}/check", "chen"),
    Place("self-check-wrong", "self_check.show", "/m/policies/{talent}/check", "chen", act=acts.send_nothing),
    *_signed_in("feed_search.search", "chen", **{
        "search": "/m/search", "search-found": "/m/search?q=补贴", "search-nothing": "/m/search?q=没有这样的词",
    }),
    Place("checkup", "checkup.show", "/m/checkup", "chen@firm"),
    Place("checkup-person", "checkup.show", "/m/checkup", "chen"),
    Place("checkup-new", "checkup.show", "/m/checkup", "new"),
    Place("digest", "subscriber.digest", "/m/digests/{digest}", "wang"),
]  # fmt: skip
QUESTIONS = [
    Place("faq", "faq.index", "/faq", kind="public"),
    *_signed_in("questions.index", "chen", **{"questions": "/m/questions"}),
    Place("questions-none", "questions.index", "/m/questions", "new"),
    *_signed_in("questions.show", "chen", **{
        "question": "/m/questions/{question}", "question-answered": "/m/questions/{answered}",
    }),
    Place("question-new", "questions.new", "/m/questions/new?policy={talent}", "chen"),
    Place("question-new-wrong", "questions.new", "/m/questions/new", "chen", act=acts.send_nothing),
]  # fmt: skip
MINE = [
    *_signed_in("inbox.letters", "chen", **{
        "inbox": "/m/inbox", "inbox-unread": "/m/inbox?view=unread", "inbox-archived": "/m/inbox?view=archived",
    }),
    *_signed_in("history.show", "chen", **{"history": "/m/history", "history-none": "/m/history?channel=email"}),
    Place("history-proxy", "history.show", "/m/history", "chen@wang"),
    *_signed_in("preferences.show", "chen", preferences="/m/preferences"),
    Place("preferences-open", "preferences.show", "/m/preferences", "chen", act=acts.open_all),
    Place("preferences-wrong", "preferences.show", "/m/preferences", "chen", act=acts.wrong_hours),
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
]  # fmt: skip
CONSOLE = [
    Place("console-sign-in", "console.signin.ask", "/console/sign-in", kind="console"),
    Place("console-sign-in-wrong", "console.signin.ask", "/console/sign-in", kind="console", act=acts.come_in_wrongly),
    *_office("campaigns.index", "limeng", **{"console": "/"}),
    *_office("campaigns.show", "limeng", **{"campaign-draft": "/campaigns/{campaign_gazette}"}),
    *_office("campaigns.show", "zhoulan", **{
        "campaign-review": "/campaigns/{campaign_rd}", "campaign-running": "/campaigns/{campaign_talent}",
        "campaign-long": "/campaigns/{campaign_long}",
    }),
    *_office("offline.show", "zhoulan", **{"offline": "/campaigns/{campaign_talent}/offline"}),
    *_office("records.refused", "shenqi", **{"refused": "/campaigns/{refused}/refusals/{refused_code}"}),
    *_office("records.log", "shenqi", **{"audit": "/audit"}),
    *_office("audience.index", "limeng", **{"audience": "/audience?policy=p07-talent-housing"}),
    *_office("queue.index", "limeng", **{"queue": "/queue"}),
    *_office("queue.show", "limeng", **{"queue-one": "/queue/{held}"}),
    *_office("corrections.index", "zhoulan", **{"corrections": "/corrections"}),
    *_office("questions.index", "limeng", **{"console-questions": "/questions"}),
    *_office("questions.show", "limeng", **{
        "console-question": "/questions/{question}", "console-question-answered": "/questions/{answered}",
    }),
    *_office("faq.index", "zhoulan", **{"console-faq": "/faq"}),
    *_office("standing.index", "zhoulan", **{"standing": "/standing"}),
    *_office("sms_templates.index", "luyuan", **{"sms-templates": "/sms-templates"}),
]  # fmt: skip
ERRORS = [
    *(Place(f"error-{n}", "tests.error", f"{PREFIX}{n}", kind="error", status=n) for n in STATUSES),
    *(Place(f"error-{why}", "tests.error", f"{PREFIX}{why}", kind="error", status=n) for why, n in REASONS.items()),
]
PLACES: list[Place] = [*PUBLIC, *SIGN_IN, *FEED, *QUESTIONS, *MINE, *CONSOLE, *ERRORS]

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
