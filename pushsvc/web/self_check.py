"""The self-check of a policy: asks what is missing, answers at once clause by clause, and keeps nothing unasked."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import own_word
from pushsvc.pipeline.corrections import CorrectionError, Wish
from pushsvc.pipeline.feed_pages import regions_in_use
from pushsvc.pipeline.self_check import CHOSEN, TYPED, Checked, self_check
from pushsvc.store.session import transaction
from pushsvc.web.access import acting, current_person
from pushsvc.web.card_words import APPLIED_FOR, band
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t

blueprint = Blueprint("self_check", __name__)

UNREADABLE = "填写的内容读不懂，请换个写法"
NOT_KEPT = {
    "registered": "登记机关已有这一项，请到“我的信息”请求更正",
    "no_consent": "这一项属于敏感信息，须先单独同意使用",
}
NOT_KEPT_OTHERWISE = "这一项没有保存，请到“我的信息”填写"


@blueprint.get("/m/policies/<id:policy_id>/check")
@acting("ask")
def show(policy_id: int) -> ResponseReturnValue:
    """The questions, and how the policy stands without their answers."""
    return _page(_checked(policy_id, {}))


@blueprint.post("/m/policies/<id:policy_id>/check")
@acting("ask")
def answer(policy_id: int) -> ResponseReturnValue:
    """How the policy stands with the answers. The form is not sent on: what was said stands in no address."""
    given = {name: value for name, value in request.form.items() if name.startswith((CHOSEN, TYPED))}
    found = _checked(policy_id, given)
    kept, not_kept = _keep(found) if request.form.get("keep") == "1" and not found.wrong else ([], [])
    page = _page(found, given=given, kept=kept, not_kept=not_kept)
    return (page, 422) if found.wrong else page


def _checked(policy_id: int, given: dict[str, str]) -> Checked:
    return self_check(context(), current_person().profile_id, policy_id, locale(), given) or abort(404)


def _keep(found: Checked) -> tuple[list[str], list[tuple[str, str]]]:
    """Hold what the person said as their own word, where it says a value: what is held now; what is not, and why."""
    who = current_person()
    kept, not_kept = list[str](), list[tuple[str, str]]()
    for one in found.answers.values():
        if one.text is None:
            continue
        try:
            own_word.say(
                context(), who.profile_id, Wish(one.question.fact, one.text, year=one.question.year), by=who.id
            )
        except CorrectionError as error:
            not_kept.append((one.question.name, t(NOT_KEPT.get(error.code, NOT_KEPT_OTHERWISE))))
        else:
            kept.append(one.question.name)
    return kept, not_kept


def _page(found: Checked, **said: object) -> str:
    needs_regions = any(one.shape == "region" for one in found.questions)
    with transaction(context().engine) as connection:
        regions = regions_in_use(connection, context()) if needs_regions else []
    lead, rest, _ = band(current_person(), found.fit)
    lines = list(zip(found.fit.clauses, found.said or [()] * len(found.fit.clauses), strict=True))
    page = {"found": found, "lines": lines, "lead": lead, "rest": rest if found.fit.state != 0 else ""}
    page |= {"keepable": any(one.shape or any(c.text for c in one.choices) for one in found.questions)}
    page |= {"regions": regions, "applies": found.policy.kind in APPLIED_FOR, "unreadable": t(UNREADABLE)}
    return render_template(
        "m/check.html", chosen=CHOSEN, typed=TYPED, **{"given": {}, "kept": [], "not_kept": []} | page | said
    )
