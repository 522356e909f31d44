"""Which routes may carry an SMS: vendors take approved templates only. Asked before a campaign may begin, and again
when a slice is drawn and when it is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pushsvc.context import Context
from pushsvc.offers import of_channel
from pushsvc.pipeline.approval import Campaign
from pushsvc.pipeline.campaign_options import CampaignError
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.sms_words import has_places, says_how_to_stop
from pushsvc.pipeline.system_words import unpack
from pushsvc.settings import Settings
from pushsvc.store import providers
from pushsvc.store import sms_templates as store
from pushsvc.store.session import Connection, transaction
from pushsvc.store.slices import Due
from pushsvc.store.sms_templates import Filing, Template

DIGEST = "digest"  # the template of messages about several policies
EVERYDAY = ("policy", DIGEST, "code")
MAIN = "zh"  # the language that must be there; others fall back to it
AGAIN = timedelta(minutes=15)  # until what no route may carry is looked at again
NOT_APPROVED = "template_not_approved"
By = Mapping[str, Filing]  # language → the filing that says it


@dataclass(frozen=True)
class Standing:
    """How a template stands at one route, for people."""

    route: str
    state: str  # filed | approved | refused | expired | unfiled
    expected_at: date | None = None
    reason: str | None = None

    def said(self) -> str:
        """`aliyun: filed, expected by 2026-07-01`."""
        after = f", expected by {self.expected_at}" if self.state == "filed" and self.expected_at else ""
        after = f" ({self.reason})" if self.state == "refused" and self.reason else after
        return f"{self.route}: {'not filed' if self.state == 'unfiled' else self.state}{after}"


class TemplateNotApprovedError(CampaignError):
    """No route may carry a campaign's SMS: `name` is its template, `version` None where its review binds none."""

    def __init__(self, name: str, version: int | None, standings: tuple[Standing, ...]) -> None:
        where = "; ".join(one.said() for one in standings)
        what = f"The SMS template {name!r} ({MAIN}, version {version}) is approved nowhere: {where}."
        if version is None:
            what = f"Its review bound no SMS template {name!r} ({MAIN}), and the vendors take no other words."
        super().__init__(NOT_APPROVED, what, "sms_template")
        self.name = name
        self.version = version
        self.standings = standings


def vendor_routes(settings: Settings) -> tuple[str, ...]:
    """The SMS routes that take approved templates only, in the order of the setting."""
    return tuple(offer.name for offer in of_channel(settings.offers(), "sms") if offer.is_vendor)


def refuse_own_words(ctx: Context, words: Mapping[str, Mapping[str, str]]) -> None:
    """Raises CampaignError own_words for a campaign's own SMS where only vendors could send it."""
    routes = vendor_routes(ctx.settings)
    if routes and _has_own(words):
        with transaction(ctx.engine) as conn:
            if not _takes_any_words(conn, ctx.settings):
                raise _own_words(routes)


def bind_words(ctx: Context, conn: Connection, row: Campaign) -> dict[str, int]:
    """The versions by language that a campaign's review binds: the newest; none where no vendor is to say them.

    Raises CampaignError as `require_words` does.
    """
    if not vendor_routes(ctx.settings) or _has_own(row["content"] or {}):
        bound = {}
    else:
        bound = newest(_written(conn, row["sms_template"]))
    return bound if require_words(ctx, conn, {**row, "sms_words": bound}) else {}


def require_words(ctx: Context, conn: Connection, row: Campaign) -> bool:
    """Whether a vendor has approved the versions that a campaign's review binds; False where it needs none, since no
    vendor is there, or since a gateway takes any words.

    Raises TemplateNotApprovedError (template_not_approved), or CampaignError own_words or no_opt_out.
    """
    routes = vendor_routes(ctx.settings)
    if not routes:
        return False
    free = _takes_any_words(conn, ctx.settings)
    if _has_own(row["content"] or {}):
        if not free:
            raise _own_words(routes)
        return False
    version, written = row["sms_words"].get(MAIN), _written(conn, row["sms_template"])
    _require_opt_out(row, written)
    standings = _standings(conn, city_day(ctx), routes, _version(written, version))
    if any(one.state == "approved" for one in standings):
        return True
    if not free:
        raise TemplateNotApprovedError(row["sms_template"], version, standings)
    return False


def unfiled(conn: Connection, settings: Settings, on: date) -> list[str]:
    """The templates of everyday use that no vendor has approved, where no gateway takes any words."""
    if not (routes := vendor_routes(settings)) or _takes_any_words(conn, settings):
        return []
    serving = {name: {one.route for one in store.approved(conn, name, on)} for name in EVERYDAY}
    return [name for name, at in serving.items() if not at & set(routes)]


def may_say(ctx: Context, conn: Connection, template: str) -> bool:
    """Whether some route can say a system message without values: a gateway takes any words, a vendor its template."""
    offers = of_channel(ctx.settings.offers(), "sms")
    return not all(offer.is_vendor for offer in offers) or any(
        has_places(one.template.body, ()) for one in store.approved(conn, template, city_day(ctx))
    )


def barred(ctx: Context, conn: Connection, due: Due) -> frozenset[str]:
    """The routes that may not carry what is due: vendors that have not approved its words."""
    if due.channel != "sms" or not (routes := vendor_routes(ctx.settings)):
        return frozenset()
    said = _approved(ctx, conn, due.run_id)
    return frozenset(route for route in routes if MAIN not in said.get(route, {}))


def words_at(ctx: Context, conn: Connection, route: str, run_id: int) -> By | None:
    """What a vendor approved of a run's words, by language; nothing where MAIN is not. None: it takes any words."""
    if route not in vendor_routes(ctx.settings):
        return None
    found = _approved(ctx, conn, run_id).get(route, {})
    return found if MAIN in found else {}


def newest(written: Iterable[Template]) -> dict[str, int]:
    """Language → its newest version."""
    found: dict[str, int] = {}
    for one in written:
        found[one.locale] = max(one.version, found.get(one.locale, 0))
    return found


def _approved(ctx: Context, conn: Connection, run_id: int) -> dict[str, dict[str, Filing]]:
    """Route → language → what may be said there for a run. A campaign says what its review bound; what nobody reviews
    says the newest version that is approved there: a code does not wait for a new one."""
    run = store.run_words(conn, run_id)
    name, bound = (run.template, run.versions) if run.kind == "campaign" else (DIGEST, None)
    said: Collection[str] | None = None
    if run.kind == "system":
        words = unpack(ctx.keyring.decrypt(run.content or b"", f"run:{run_id}"))
        name, said = words.template, words.values
    found: dict[str, dict[str, Filing]] = {}
    if not name or _has_own(run.own):
        return found
    for filing in sorted(store.approved(conn, name, city_day(ctx)), key=lambda one: one.template.version):
        template = filing.template
        fits = template.kind != "code" if said is None else has_places(template.body, said)
        if fits and _is_bound(template, bound):
            found.setdefault(filing.route, {})[template.locale] = filing
    return found


def _is_bound(template: Template, bound: Mapping[str, int] | None) -> bool:
    return bound is None or bound.get(template.locale) == template.version


def _has_own(words: Mapping[str, Mapping[str, str]]) -> bool:
    return any("sms" in texts for texts in words.values())


def _takes_any_words(conn: Connection, settings: Settings) -> bool:
    """Whether a gateway has a share of the SMS: by the settings, or as people decided since."""
    decided = providers.decisions(conn)
    for offer in of_channel(settings.offers(), "sms"):
        own = decided[offer.name].weight if offer.name in decided else None
        if not offer.is_vendor and (offer.weight if own is None else own) > 0:
            return True
    return False


def _written(conn: Connection, name: str) -> list[Template]:
    """All versions of a template for messages: a code's is none."""
    return [one for one in store.templates(conn, name) if one.kind != "code"]


def _version(written: Iterable[Template], version: int | None) -> Template | None:
    return next((one for one in written if (one.locale, one.version) == (MAIN, version)), None)


def _standings(conn: Connection, on: date, routes: Iterable[str], template: Template | None) -> tuple[Standing, ...]:
    filings = () if template is None else store.filings(conn, template.name)
    held = {one.route: one for one in filings if one.template == template}
    return tuple(_standing(route, held.get(route), on) for route in routes)


def _standing(route: str, filing: Filing | None, on: date) -> Standing:
    if filing is None:
        return Standing(route, "unfiled")
    return Standing(route, filing.state_on(on), filing.expected_at, filing.reason)


def _require_opt_out(row: Campaign, written: Iterable[Template]) -> None:
    """What is recommended by a machine says how to refuse it (PIPL 24), in each language that the review binds."""
    if "recommended" not in row["doors"]:
        return
    for one in written:
        if row["sms_words"].get(one.locale) == one.version and not says_how_to_stop(one.body):
            sentence = (
                f"The SMS template {one.name!r} ({one.locale}, version {one.version}) does not say how to stop: "
                "it may tell of what people are entitled to or asked for, and recommend nothing."
            )
            raise CampaignError("no_opt_out", sentence, "sms_template")


def _own_words(routes: tuple[str, ...]) -> CampaignError:
    sentence = f"The vendors ({', '.join(routes)}) send approved templates only: an SMS has no words of its own here."
    return CampaignError("own_words", sentence, "content")
