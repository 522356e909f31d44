"""What marks a document as a draft for comment: words in its title, or in brackets under it.

Nearly every policy mentions 征求意见, and rules about drafting bear the words in their titles: those are no drafts.
"""

from __future__ import annotations

import re

_WORDS = (
    r"(?:公开)?征求(?:公众|社会|社会公众)?意见稿?|公开征求意见稿|意见征集稿|意见征询稿|草案|修订草案|修正案\(?草案|送审稿|讨论稿|审议稿|初稿|起草稿|草拟稿|试写稿|上会稿"
    r"|审议修改稿|送审版|征询意见稿|论证稿|公示稿|意见征求稿|草稿|听证稿"
)
# Any 稿 in brackets is a draft's, but for the words that say it is the last one, or no text of rules at all.
_ANY_DRAFT = r"[^()〔〕\[\]【】《》\n]{0,12}(?<![定终发布印通新闻讲底])稿|(?:内部|供)?讨论(?:版|用)?|征求意见版"
MARKER = re.compile(
    rf"[(〔\[【<][^()〔〕\[\]【】《》\n]{{0,10}}(?:{_WORDS}|{_ANY_DRAFT})[^()〔〕\[\]【】《》\n]{{0,12}}[)〕\]】>]"
)
ALONE = re.compile(rf"(?m)^[ \t]{{0,40}}[-—*]{{0,3}} {{0,3}}(?:{_WORDS}) {{0,3}}[-—*]{{0,3}}[ \t]{{0,40}}$")
_TITLE = re.compile(
    rf"(?:{_WORDS})|(?:公开)?(?:征求|征集|征询|听取)[^,。]{{0,60}}(?:意见|建议)|意见(?:建议)?(?:征集|征询|征求)|draft(?:\s|$)"
    rf"|for comments?|consultation",
    re.IGNORECASE,
)
# Rules about drafting and consulting, and the report on what was heard, are no drafts of a policy.
_ABOUT = re.compile(
    r"(?:草案|送审稿|意见|建议|听证)[^《》()【】\[\]]{0,24}(?:工作的(?:若干|指导|实施)?意见|办法|规定|规程|制度|细则|指引|工作规则|程序|条例|规则|规范"
    r"|机制)(?:\([^)]{1,12}\))?[》]?(?:的(?:通知|公告|决定))?$"
    r"|(?:征集|征求|听取)[^《》]{0,12}工作的?通知$|(?:批准|通过|同意)[^《》]{0,60}草案\)?[^《》]{0,6}的(?:决议|决定|批复)$"
)


def title_is_draft(folded: str) -> bool:
    """Whether a title (in its folded form) says that the document is not yet a policy."""
    marked = _TITLE.search(folded) or MARKER.search(folded)
    return bool(marked) and not _ABOUT.search(folded) and not _quoted_only(folded)


def _quoted_only(title: str) -> bool:
    """The words stand only inside the name of another text that this one explains, answers or repeals."""
    outside = re.sub(r"《[^《》]{0,200}》", "", title)
    return (
        not _TITLE.search(outside) and not MARKER.search(outside) and bool(re.search(r"废止|批复|答复|决定", outside))
    )
