"""The sentences of an explanation: why somebody was chosen, was not, was told, was not. Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from profiles.preference import TOPICS
from profiles.standards import industries, regions
from profiles.subscriptions import spelled
from pushsvc.pipeline.fitting import Said
from pushsvc.pipeline.why_not import Shortfall
from pushsvc.store.audience import Fate
from pushsvc.store.subscriptions import Wish
from recommenders.columns import split
from recommenders.explain import READ, Reason
from recommenders.wording import group_words, say

DOORS = {
    "entitled": ("依规定告知:符合条件的都要告知", "Entitled: everyone who qualifies must be told"),
    "subscribed": ("订阅:本人要求告知", "Subscribed: the person asked to be told"),
    "recommended": ("推荐:条件符合,且模型认为有用", "Recommended: the criteria fit and the model favours it"),
}
NOT_CHOSEN = {
    "erased": ("未选中:本人已注销", "Not chosen: the person was erased"),
    "no": (
        "未选中:目前不符合条件,也没有相应订阅",
        "Not chosen: the criteria do not fit, no subscription asks",
    ),
    "unknown": (
        "未选中:信息不足,无法判断,也没有相应订阅",
        "Not chosen: facts are missing, no subscription asks",
    ),
    "not_matched": ("未选中:此类事项只发给订阅者", "Not chosen: this kind of policy goes to subscribers only"),
    "door_closed": (
        "未选中:符合条件,但本次活动不作推荐",
        "Not chosen: it fits, but nothing is recommended here",
    ),
    "personalised_off": ("未选中:本人关闭了为我推荐", "Not chosen: the person switched recommendations off"),
    "no_model": ("未选中:没有可用的推荐模型", "Not chosen: there is no model to recommend by"),
    "merged": (
        "未选中:同一号码已由另一身份选中,不重复发送",
        "Not chosen: somebody reached at the same address was chosen, who ranks before",
    ),
    "below": ("未选中:推荐分数低于门槛", "Not chosen: the score is below the threshold"),
    "later": ("未选中:选人之后情况才变为符合", "Not chosen: it came to fit only after people were chosen"),
}
REFUSED = {
    "erased": ("未发:本人已注销", "Not sent: the person was erased"),
    "suppressed": ("未发:号码已停用,已列线下名单", "Not sent: number stopped; on the offline list"),
    "no_basis": ("未发:无有效同意,也未登记法定依据", "Not sent: no consent or recorded duty"),
    "entitled_off": ("未发:本人关闭了非必要告知", "Not sent: the person switched optional notices off"),
    "personalised_off": ("未发:本人关闭了为我推荐", "Not sent: the person switched recommendations off"),
    "minor": ("未发:未成年人不作推荐", "Not sent: nothing is recommended to minors"),
    "no_guardian_consent": ("未发:缺监护人同意", "Not sent: no guardian's consent"),
    "muted": ("未发:本人屏蔽了这一主题", "Not sent: the person muted this topic"),
    "paused": ("未发:本人暂停了通知", "Not sent: the person paused notices"),
    "told": ("未发:同一事项已告知", "Not sent: told of this event before"),
    "cap": ("未发:已到本人每周上限", "Not sent: the weekly maximum is reached"),
    "same_address": ("未发:并入同一号码的另一条", "Not sent: merged into another message to this address"),
    "no_address": ("未发:没有可用的联系方式", "Not sent: there is no address to use"),
    "same_family": ("未发:同一事项,汇总里只列最新一条", "Not sent: the digest tells the newest of this matter"),
    "agency_max": ("未发:同一机关,汇总里已列满", "Not sent: the digest holds enough of this agency"),
    "repealed": ("未发:政策已废止", "Not sent: the policy was repealed"),
    "expired": ("未发:已过时限", "Not sent: too late"),
    "cancelled": ("未发:活动已取消", "Not sent: the campaign was cancelled"),
    "simulated": ("模拟:试运行,不在名单上,未真正发送", "Simulated: on trial, and not on the list; nothing was sent"),
}
_SENT = ("已发:{channel},{state}", "Sent by {channel}: {state}")
MARKS = {1: "✓", 0: "✗", -1: "?"}
_PROOF = ("选中时({day})逐条核对:", "Clause by clause, when chosen ({day}):")
_DID = {
    "saved": ("本人收藏过这项政策", "The person saved this policy"),
    "applied": ("本人申请过这项政策", "The person applied for it"),
    "told": ("此前告知过本人", "The person was told of it before"),
}
_FLOOR = ("为使各群体都有人知晓而入选", "Chosen so that every group is reached")
_SHORT = ("推荐分数{score:.3f},门槛{bar:.3f},差{gap:.3f}", "Score {score:.3f}, bar {bar:.3f}, short by {gap:.3f}")
_AGAINST = ("  {what}使分数低了{amount:.3f}", "  {what} lowered it by {amount:.3f}")
_OF = ("{group}({value})", "{group} ({value})")
FOR_ALL = ("面向所有人,没有条件", "For everybody, without conditions")
_WISH = ("因您订阅了{t}", "You subscribed to {t}")
_OR, _AND = ("或", " or "), ("且", " and ")
_TREES = {"region": regions.name_of, "zone": regions.name_of, "section": industries.name_of}
_TREES |= {"industry": industries.name_of, "division": industries.name_of}


def pick(words: tuple[str, str], locale: str) -> str:
    """The one of (Chinese, English) that the locale asks for."""
    return words[0 if locale.startswith("zh") else 1]


def wish_words(wish: Wish, locale: str) -> str:
    """`因您订阅了…` with what the wish names."""
    either, both = pick(_OR, locale), pick(_AND, locale)
    names = {
        "themes": [pick(TOPICS[theme], locale) if theme in TOPICS else theme for theme in wish.themes],
        "industries": [*map(industries.name_of, wish.industries)],
        "regions": [*map(regions.name_of, wish.regions)],
        "agencies": wish.agencies,
    }
    named = [(both if key in wish.all_of else either).join(found) for key, found in names.items() if found]
    quoted = (both.join(f"“{word}”" for word in words) for words in spelled(wish.keyword))
    named += [said] if (said := either.join(quoted)) else []
    return pick(_WISH, locale).format(t="、".join(named) if locale.startswith("zh") else ", ".join(named))


def reason_words(
    terms: Iterable[Sequence[object]], locale: str, titles: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """A sentence for each stored (feature, lift); codes of regions and industries are named.

    `titles`: of policies that the person read, by number: only to themselves; to others reading has no title.
    """
    sentences = []
    for feature, lift in terms:
        group, value = split(str(feature))
        names = {value: _TREES[group](value)} if group in _TREES else titles
        amount = float(str(lift))
        sentences.append(say(Reason(str(feature), amount, amount), locale, names))
    return sentences


def chosen_words(told: Mapping[str, object], locale: str) -> list[str]:
    """What spoke for a selection, as was kept: what the person did with the policy of an event, the floor of a group
    where that alone chose, and the model's terms."""
    terms, did = told.get("terms"), told.get("did")
    floor = [pick(_FLOOR, locale)] if told.get("floor") else []
    known = [pick(_DID[one], locale) for one in did if one in _DID] if isinstance(did, list) else []
    return known + floor + (reason_words(terms, locale) if isinstance(terms, list) else [])


def proof_words(states: Sequence[int] | None, clauses: Sequence[Said], day: object, locale: str) -> Iterator[str]:
    """How each clause stood on the day when the person was chosen, where it now stands otherwise."""
    if states is None or len(states) != len(clauses) or list(states) == [clause.state for clause in clauses]:
        return
    yield pick(_PROOF, locale).format(day=day)
    for state, clause in zip(states, clauses, strict=True):
        yield f"  {MARKS[state]} {clause.asked}"


def shortfall_words(short: Shortfall, locale: str) -> Iterator[str]:
    """By how much the score lay below, and what lowered it: by reading, but not of what."""
    gap = short.bar - short.score
    yield pick(_SHORT, locale).format(score=short.score, bar=short.bar, gap=gap)
    for reason in short.against:
        group, value = split(reason.feature)
        what = pick(group_words(group), locale)
        if value and group != READ:
            name = _TREES[group](value) if group in _TREES else value
            what = pick(_OF, locale).format(group=what, value=pick(TOPICS[name], locale) if name in TOPICS else name)
        yield pick(_AGAINST, locale).format(what=what, amount=-reason.lift)


def fate_words(fate: Fate, locale: str) -> str:
    """What became of one selection for one recipient."""
    if fate.state == "refused" and fate.code in REFUSED:
        return pick(REFUSED[fate.code], locale)
    return pick(_SENT, locale).format(channel=fate.channel, state=fate.state)
