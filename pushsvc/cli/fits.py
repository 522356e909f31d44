"""`pushsvc fits`: everything in force against one profile, and what is worth asking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from profiles.facts import fact_words
from pushsvc.cli.context import open_context
from pushsvc.cli.tables import aligned, as_json

if TYPE_CHECKING:
    from pushsvc.pipeline.fits import Fits, Fitting

_WORDS = {
    "zh": (
        "符合 {fits:,},可能符合 {might:,},不符合 {no:,},不作匹配 {unmatched:,};有效政策共 {total:,}",
        "符合:",
        "可能符合,还差:",
        "值得问:",
        "回答「{fact}」可确定 {settles:,} 项政策,涉及 {touches:,} 项",
        "……另有 {n:,} 项",
    ),
    "en": (
        "fits {fits:,}, might {might:,}, no {no:,}, not matched {unmatched:,}; {total:,} in force",
        "Fits:",
        "Might fit, lacking:",
        "Worth asking:",
        '"{fact}": would settle {settles:,} (concerns {touches:,})',
        "… and {n:,} more",
    ),
}


@click.command()
@click.argument("ref", metavar="PROFILE")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object, whole.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Lines of each table.")
def fits(ref: str, json_: bool, locale: str, limit: int) -> None:
    """Say which policies in force fit PROFILE, which might, and which one answer would settle most."""
    from pushsvc.pipeline.fits import as_json as plain
    from pushsvc.pipeline.fits import fits_of

    with open_context() as ctx:
        found = fits_of(ctx, ref)
    click.echo(as_json(plain(found, locale)) if json_ else "\n".join(lines(found, locale, limit)))


def lines(found: Fits, locale: str, limit: int) -> Iterator[str]:
    """The counts, then the tables, at most `limit` lines of each."""
    counts, fitting, might, asking, question, more = _WORDS[locale]
    yield counts.format(**found.counts)
    for title, policies in ((fitting, found.fits), (might, found.might)):
        if policies:
            yield from ("", title, *aligned([_row(one, locale) for one in policies[:limit]]))
        if len(policies) > limit:
            yield "  " + more.format(n=len(policies) - limit)
    if found.questions:
        yield from ("", asking)
    for one in found.questions[:limit]:
        words = fact_words([one.fact], locale)
        yield "  " + question.format(fact=words, settles=one.settles, touches=one.touches)
    if len(found.questions) > limit:
        yield "  " + more.format(n=len(found.questions) - limit)


def _row(one: Fitting, locale: str) -> list[str]:
    until = "-" if one.until is None else one.until.isoformat()
    return ["  " + one.ref, until, one.title, fact_words(one.missing, locale)]
