"""A body in broken letters or in another language, or no body."""

from __future__ import annotations

import re

from pushsvc.texts.findings.shape import Finding, Page, at
from pushsvc.texts.prose import letters

_REPLACED = re.compile("\ufffd|(?:\\?){5,}|&#\\d{4,5};|\\\\u[0-9a-f]{4}")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_SURE = re.compile("锟斤拷|烫烫烫|屯屯屯|锘挎")
# How a text was misread -> how it would have been right: UTF-8 taken for GBK or Latin-1, GBK taken for Latin-1.
_MISREAD = (("gb18030", "utf-8"), ("cp1252", "utf-8"), ("latin-1", "utf-8"), ("latin-1", "gb18030"))
SLICE, MOST = 4000, 3
_NAME = re.compile(r"[^\W\d_]")
_KANA = re.compile(r"[\u3040-\u30fa]")
MOJIBAKE_SHARE, FOREIGN_SHARE, LEAST = 0.02, 0.3, 60


def find(page: Page) -> tuple[Finding, ...]:
    """No body; broken letters (a few are a note); mostly another script or kana."""
    named = len(_NAME.findall(page.body))
    if letters(page.body) < 10 and named < LEAST and not _REPLACED.search(page.body):
        zh, en = "没有正文", "There is no body"
        return (Finding("no_body", "body", zh, en, True),)
    broken = _mojibake(page.title or "", "title") or _mojibake(page.body, "") or _raw_misread(page)
    return broken or _language(page, named)


def _mojibake(text: str, place: str) -> tuple[Finding, ...]:
    replaced = list(_REPLACED.finditer(text)) or list(_PRIVATE.finditer(text))
    sure = len(replaced) >= MOST and not _PRIVATE.match(replaced[0].group())
    many = sure or len(replaced) > MOJIBAKE_SHARE * len(text) or bool(_SURE.search(text)) or _misread(text[:SLICE])
    if not many and not replaced:
        return ()
    zh = "文字编码错误（乱码）" if many else "有个别无法显示的字"
    en = "The letters are broken (wrong encoding)" if many else "A few letters could not be read"
    first = replaced[0].start() if replaced else 0
    return (Finding("mojibake" if many else "odd_letters", place or at(first), zh, en, many),)


def _raw_misread(page: Page) -> tuple[Finding, ...]:
    """Reading takes control characters off, which a text misread as Latin-1 is full of: so as it came."""
    found = _misread(page.raw.body[:SLICE])
    return (
        (Finding("mojibake", "body", "文字编码错误（乱码）", "The letters are broken (wrong encoding)", True),)
        if found
        else ()
    )


def _misread(text: str) -> bool:
    """Read the other way, nearly all that is no ASCII becomes Chinese: by chance that does not happen."""
    strange = [sign for sign in text if ord(sign) > 0x7F]
    if len(strange) < 8:
        return False
    odd = "".join(strange)
    for taken_for, right in _MISREAD:
        better = odd.encode(taken_for, "ignore").decode(right, "ignore")
        weight = 3 if right == "utf-8" else 2
        whole = len(odd.encode(taken_for, "ignore"))
        if whole >= 0.8 * len(odd) and _common(better) * weight >= 0.7 * whole:
            return True
    return False


def _common(text: str) -> int:
    """Chinese characters and signs, of those in use (level one of GB 2312)."""
    return sum(
        1
        for sign in text
        if sign in "，。、；：（）《》“”" or b"\xb0\xa1" <= sign.encode("gb18030", "ignore")[:2] <= b"\xd7\xf9"
    )


def _language(page: Page, named: int) -> tuple[Finding, ...]:
    if named < LEAST:
        return ()
    kana = len(_KANA.findall(page.body))
    if letters(page.body) / named >= FOREIGN_SHARE and kana / named <= 0.1:
        return ()
    zh, en = "正文不是中文", "The body is not in Chinese"
    return (Finding("wrong_language", "body", zh, en, True),)
