"""The words of messages: allow-listed templates, and the values of a policy that fill them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.resources import files

from channels.mime import Skeleton, build_skeleton
from channels.templates import Hole, Template, compile_template
from channels.text import PUSH_TEXT_LIMIT, PUSH_TITLE_LIMIT, SMS_LIMIT, shorten, sms_text, units
from pushsvc.links import short_code
from pushsvc.pipeline.letterhead import letterhead, window_of
from pushsvc.settings import Settings
from pushsvc.store.policies import Policy

HOLES = frozenset({"check", "unsubscribe_url"})
STOP = {"zh": "。回R停收", "en": ". Reply R to stop"}  # ends every SMS, also one in a campaign's own words
# What no SMS bears: frauds do. A bare domain is one too: telephones make it a link.
LINK = re.compile(
    r"(?:https?://|www\.)[!-~]*"
    r"|(?<![\w.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:cn|com|net|org|gov|edu|io|cc|co|me|top|vip|xyz|info|app|link|site|club"
    r"|shop|online|store|ltd|work|tech|icu|fun|pro|cloud|group|ink|wang|biz|mobi|asia|tv|hk|tw)"
    r"(?![a-z0-9-])(?:[:/?#][!-~]*)?",
    re.IGNORECASE | re.ASCII,
)
NEUTRAL = {"zh": "您关注的一项政策有更新", "en": "A policy you follow was updated"}
OFFICE = {"zh": "有关部门", "en": "a public office"}  # of a sensitive policy: who issued it may give the matter away
# A campaign's own templates by name, and what each may leave open for the recipient.
OPEN = {"sms": HOLES - {"unsubscribe_url"}, "push": frozenset(), "email_subject": frozenset(), "email_text": HOLES}
DIGEST_SHOWN = 8  # items of a digest that its message names; its page lists all
SUMMARY_LIMIT = 160
TITLE_LIMIT = 60
LINE_LIMIT = 60


@dataclass(frozen=True)
class Words:
    """One content in one language for one reason (variant): what every recipient of it shares.

    `variant`: entitled, subscribed, recommended, or followed (a subscriber or whoever saved the policy, applied or was
    told before, of an event of it); of digests digest, digest_one (of one policy) or digest_more, which
    holds more than the `items` that it shows: `count`, all of them at `all_url`.
    """

    locale: str
    variant: str
    items: tuple[Mapping[str, str], ...]
    title: str
    until: str
    basis: str
    own: Mapping[str, str]  # the campaign's own templates by name: sms, push, email_subject, email_text
    count: int = 1
    all_url: str = ""

    def values(self, city: str) -> dict[str, object]:
        """The values the templates may use."""
        named = {"title": self.title, "until": self.until, "basis": self.basis, "city": city}
        fixed = {"locale": self.locale, "variant": self.variant, "count": str(self.count), "all_url": self.all_url}
        return {**named, **fixed, "items": [dict(item) for item in self.items]}


def words(
    settings: Settings, policies: Sequence[Policy], *, locale: str, variant: str, own: Mapping[str, str], basis: str
) -> Words:
    """The words for these policies, all of them named."""
    items = tuple(_item(settings, policy, locale) for policy in policies)
    return Words(
        locale, variant, items, items[0]["short_title"], items[0]["until"], basis or "", own, count=len(policies)
    )


def with_line(told: Words, line: str) -> Words:
    """The words with a line of their event: cut to LINE_LIMIT where there is little room, whole before the summary.

    It takes the place of the close of the window, and those who followed the policy are not told that they subscribed.
    """
    if not line:
        return told
    items = tuple(_said(item, line, told.locale) for item in told.items)
    variant = "followed" if told.variant == "subscribed" else told.variant
    return replace(told, variant=variant, items=items, until=_in_short(line, told.locale))


def digest_words(
    settings: Settings, policies: Sequence[Policy], *, locale: str, run_id: int, lines: Sequence[str] = ()
) -> Words:
    """The words for the policies of a digest, the first DIGEST_SHOWN of them named.

    `lines`: of each policy the line of the event for which it stands there, "" for none; or nothing at all.
    """
    shown = list(zip(policies, lines or [""] * len(policies), strict=True))[:DIGEST_SHOWN]
    items = tuple(_said(_item(settings, policy, locale), line, locale) for policy, line in shown)
    one = "digest_one" if len(policies) == 1 else "digest"
    first = shown[0][1]
    return Words(
        locale=locale,
        variant="digest_more" if len(policies) > len(items) else one,
        items=items,
        title=items[0]["short_title"],
        until=_in_short(first, locale) if first else items[0]["until"],
        basis="",
        own={},
        count=len(policies),
        all_url=f"{settings.public_url.rstrip('/')}/m/digests/{run_id}",
    )


def render_sms(settings: Settings, told: Words) -> tuple[str | Hole, ...]:
    """The body of an SMS without its signature, cut at its holes; the last piece says how to stop."""
    body = _template("sms.txt", told.own.get("sms")).segments(told.values(settings.city))
    return (*body, STOP[told.locale])


def render_push(settings: Settings, told: Words) -> tuple[str, str]:
    """Title (≤ 20) and text (≤ 50 UTF-16 units) for a lock screen."""
    text = _template("push.txt", told.own.get("push")).render(told.values(settings.city))
    return shorten(told.title, PUSH_TITLE_LIMIT), shorten(text.strip(), PUSH_TEXT_LIMIT)


def render_email(settings: Settings, told: Words, on: date | None = None) -> Skeleton:
    """The pre-encoded mail; `on` is the day in the city on which it leaves: what is open then is drawn."""
    subject = _template("", " ".join((told.own.get("email_subject") or "{{ title }}").split()))
    text = _template("email.txt", told.own.get("email_text"))
    html = None if "email_text" in told.own else _template("email.html", None)
    shown = letterhead(told.items, told.locale, on)
    values, images = told.values(settings.city) | shown.values, shown.images
    return build_skeleton(subject, text, html, sender=settings.sender, values=values, images=images)


def render_system(settings: Settings, text: str) -> Skeleton:
    """A plain mail with words of its own."""
    subject, body = compile_template("{{ city }}"), compile_template("{{ text }}")
    return build_skeleton(subject, body, None, sender=settings.sender, values={"city": settings.city, "text": text})


def fill_sms(segments: Sequence[str | Hole], values: Mapping[str, str], signature: str) -> str:
    """What arrives on one recipient's phone, its signature included: one line, no link, within the limit, and whatever
    is too long is cut before the words that say how to stop."""
    *body, stop = (part if isinstance(part, str) else values[part.name] for part in segments)
    text = bare(unlinked("".join(body))).removesuffix(stop[1:].strip()).rstrip(" 。.")
    return sms_text(signature, shorten(text, SMS_LIMIT - units(sms_text(signature, stop))) + stop)


def unlinked(text: str) -> str:
    """The text without links, also without those that taking one away would make: `a.cnhttp://`."""
    while (less := LINK.sub("", text)) != text:
        text = less
    return text


def check_words(own: object) -> None:
    """Try a campaign's own words, {locale: {name: template}}, on a made-up policy.

    Raises ValueError for a wrong shape, TemplateError with its line for a template that cannot be rendered.
    """
    if not isinstance(own, Mapping) or not own.keys() <= NEUTRAL.keys():
        raise ValueError(f"The words stand under their language: {', '.join(NEUTRAL)}.")
    for locale, texts in own.items():
        if not isinstance(texts, Mapping) or not texts.keys() <= OPEN.keys():
            raise ValueError(f"For {locale!r} there may be: {', '.join(OPEN)}.")
        for name, source in texts.items():
            for variant in ("entitled", "subscribed", "followed", "recommended"):
                _try(str(source).strip(), str(name), Words(locale, variant, (_SAMPLE,), "x", "", "", {}))


def _try(source: str, name: str, told: Words) -> None:
    template = compile_template(source, holes=HOLES)
    if wrong := template.holes - OPEN[name]:
        raise ValueError(f"{', '.join(sorted(wrong))} cannot stand there.")
    text = "".join(part for part in template.segments(told.values("")) if isinstance(part, str))
    if not text.strip():
        raise ValueError("A message must say something.")
    if name == "sms" and LINK.search(text):
        raise ValueError("An SMS bears no link.")


_SAMPLE = dict.fromkeys(("title", "short_title", "agency", "until", "summary"), "x") | {"url": "https://x"}


def _item(settings: Settings, policy: Policy, locale: str) -> dict[str, str]:
    title = NEUTRAL[locale] if policy.sensitive else str(policy.title)
    summary = "" if policy.sensitive else str(policy.summary or policy.body or "")
    return {
        "title": title,
        "short_title": bare(shorten(title, TITLE_LIMIT)),
        "agency": OFFICE[locale] if policy.sensitive else str(policy.agency),
        "until": _until(policy.window_closes, locale),
        **window_of(policy),
        "summary": shorten(" ".join(summary.split()), SUMMARY_LIMIT),
        "url": f"{settings.public_url.rstrip('/')}/s/{short_code(settings.secret_key, policy.id)}",
    }


def _said(item: Mapping[str, str], line: str, locale: str) -> Mapping[str, str]:
    """The item with the line of its event before its summary; the line says what there is to say of the window."""
    stop = ". " if locale == "en" else "。"
    return {**item, "until": "", "summary": f"{line}{stop}{item['summary']}".rstrip()} if line else item


def _in_short(line: str, locale: str) -> str:
    """The line where there is little room, after a title."""
    return (", " if locale == "en" else "，") + bare(shorten(line, LINE_LIMIT))


_TAME = dict.fromkeys(range(32), " ") | str.maketrans("【】", "〔〕")


def bare(text: str) -> str:
    """One line without control characters; carriers read 【】 as a second signature."""
    return " ".join(text.translate(_TAME).split())


def _until(day: date | None, locale: str) -> str:
    if day is None:
        return ""
    return f", until {day:%d %B}" if locale == "en" else f"，{day.month}月{day.day}日截止"


@lru_cache(maxsize=256)
def _template(name: str, source: str | None) -> Template:
    text = (
        source
        if source is not None
        else files("pushsvc").joinpath("messages", name).read_text(encoding="utf-8").strip()
    )
    return compile_template(text, holes=HOLES)
