"""A body that breaks off: inside a sentence, before its last articles, or where a site cut it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pushsvc.texts.findings.shape import Finding, Page, at
from pushsvc.texts.numerals import whole_number
from pushsvc.texts.prose import letters

_MORE = re.compile(
    r"(?:查看|阅读|展开|点击查看|点击阅读|显示)(?:全文|更多|原文|剩余)|未完待续|\[(?:详细|更多|全文|查看详情|详情|阅读)\]|(?:余下全文|剩余\d{1,3}%|下一页)"
    r"|read more|to be continued",
    re.IGNORECASE,
)
_DOTS = re.compile(r"(?:…+|\.{3,}|。{3,}|·{3,})[\"”』」)\]]?$")
_END = "。.!?;”\"』」)）】]》>〉’'"
_DATE = re.compile(
    r"[\d零〇○一二三四五六七八九十]{2,4}\s?[年.\-/]\s?[\d一二三四五六七八九十]{1,3}\s?[月.\-/]\s?[\d一二三四五六七八九十]{0,3}\s?日?$"
)
_LEADS_ON = re.compile(r"[自于从至到在]$|截[至止]$")
_RUNNING = re.compile(r"[,、:的和与及或在对为将把被由从向于]$")
_CLAUSE = re.compile(
    r"^(?:\([一二三四五六七八九十]{1,3}\)|[一二三四五六七八九十]{1,3}、|\d{1,2}[.、]|第[零〇一二三四五六七八九十百]{1,5}条)"
)
_CHAPTER = re.compile(r"(?:^|(?<=[\s#]))第([一二三四五六七八九十]{1,3}|\d{1,2})\s?[章编](?=\s)")
_LAST_HEADING = re.compile(
    r"^(?:#+\s*)?(?:第[零〇一二三四五六七八九十百\d]{1,5}\s?[章编节条]|[一二三四五六七八九十]{1,3}、?|\([一二三四五六七八九十]{1,3}\))$"
)
_CHAPTER_LINE = re.compile(
    r"(?:#+\s*)?第(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s?[章编节](?:\s{1,4}[^\s。]{1,30}){0,2}$"
)
_SIGNATURE = re.compile(r"[^\W\d由向经报对是为与和应本各按]{2,24}(?:人民政府|委员会|办公[厅室]|局|厅)")
_OWN = re.compile(
    r"(?:依照|按照|根据|违反|除)?本(?:办法|规定|条例|细则|规则|意见|章程)第([零〇一二三四五六七八九十百]{1,7}|\d{1,3})条"
)
_ANNOUNCED = re.compile(r"(?:^|(?<=[\s。(]))附(?:件|表|录)?\s?[:：一二三四五六七八九十\d]")
_FOOTER = re.compile(
    r"(?:电话|邮编|地址|ICP|备案|版权|主办|承办|标识码|浏览器|打印|关闭|分享|来源|责任编辑|联系人|传真|网址|邮箱|抄送|首页|网站|链接)"
)
_LAW_TITLE = re.compile(r"(?:条例|办法|规定|细则|规则)(?:\([^)]{1,8}\))?$")
_TAKES_EFFECT = re.compile(r"施行|有效期|起\s?(?:执行|实施|生效)|之日起")
TAIL, MOST_ARTICLES = 600, 1000


def find(page: Page) -> tuple[Finding, ...]:
    """At most one reason that blocks, and notes: an attachment not there, no article on when it takes effect."""
    if letters(page.body) < 30:
        return ()
    reason = next(_reasons(page), None)
    notes = _notes(page)
    return notes if reason is None else (_finding(*reason), *notes)


def _reasons(page: Page) -> Iterator[tuple[str, str, str]]:
    """Place and words of each reason, the surest first."""
    yield from _broken_end(page.body)
    yield from _articles(page)
    yield from _chapters(page)


def _broken_end(body: str) -> Iterator[tuple[str, str, str]]:
    text = body.rstrip()
    place, tail = at(len(text)), text[-TAIL:]
    last = tail.split()[-1] if tail.split() else ""
    more = [match for match in _MORE.finditer(tail) if match.end() >= len(tail) - 30]
    if _DOTS.search(tail) or more:
        yield place, "正文以省略号或“查看全文”结束", "The text ends with dots or 'read more'"
    elif last[-1:] not in _END and _stops_inside(tail, last):
        yield place, "正文在句子中间断开", "The text ends inside a sentence"
    elif tail.rfind("《") > tail.rfind("》") or (tail.rfind("“") > tail.rfind("”") and last[-1:] not in _END):
        yield place, "正文末尾的书名号或引号没有结束", "A title or quotation is open where the text ends"
    elif _LAST_HEADING.match(text.rsplit("\n", 1)[-1].strip()) or _CHAPTER_LINE.match(text.rsplit("\n", 1)[-1].strip()):
        yield place, "正文以没有内容的标题结束", "The text ends with a heading that nothing follows"


def _stops_inside(tail: str, last: str) -> bool:
    """The last words are prose without an end. Dates, names, cells and footers end without a sign too."""
    day = _DATE.search(last)
    if day and _LEADS_ON.search(last[: day.start()]):
        return True
    if day or _FOOTER.search(last) or re.fullmatch(r"[\d\W_a-zA-Z]+", last):
        return bool(re.search(r"[,、:]$", last)) and not _ANNOUNCED.match(last)
    if _ANNOUNCED.match(last) or re.search(r"[件表]\d{0,2}[:：]?$", last):
        return False
    closed = max(map(last.rfind, "。;!?"))
    if closed >= 0:
        return letters(last[closed + 1 :]) > 0 and not _SIGNATURE.fullmatch(last[closed + 1 :])
    if _RUNNING.search(last) or _CLAUSE.match(last):
        return letters(last) >= 2 and not _is_list_row(tail, last)
    return "," in last and letters(last) >= 8


def _is_list_row(tail: str, last: str) -> bool:
    """Numbered short rows without signs at their ends: a list, whole as it is."""
    rows = tail.split()[-4:-1]
    return (
        bool(_CLAUSE.match(last))
        and last[-1] not in ",、:"
        and letters(last) < 40
        and bool(rows)
        and all(row[-1] not in "。;" for row in rows)
    )


def _articles(page: Page) -> Iterator[tuple[str, str, str]]:
    found = page.articles
    highest = max(found, default=0)
    told = page.header("articles")
    if isinstance(told, int) and not isinstance(told, bool) and found and max(highest, len(set(found))) < told:
        yield (
            "articles",
            f"应有 {told} 条，正文只到第 {highest} 条",
            f"{told} articles are told, the text has {highest}",
        )
    if not 3 <= highest <= MOST_ARTICLES:
        return
    own = (whole_number(match.group(1)) for match in _OWN.finditer(page.body))
    cited = max((number for number in own if number is not None), default=0)
    if highest < cited <= highest + 200:
        zh = f"文中引用本文第 {cited} 条，但只到第 {highest} 条"
        yield at(len(page.body)), zh, f"It cites its own article {cited}; the last is {highest}"
    missing = _missing(page)
    if missing and len(missing) * 2 <= highest and not _said_elsewhere(page.body, missing):
        yield "body", f"条文不连续：缺第 {missing[0]} 条", f"The articles have a gap: article {missing[0]} is missing"


def _missing(page: Page) -> list[int]:
    """Numbers left out. Where prose stands before the first number, only the first articles' labels were lost."""
    found = set(page.articles)
    first = min(found)
    start = re.search(r"第\s?[零〇一二三四五六七八九十百千\d]{1,7}\s?条", page.body)
    unlabelled = start is not None and letters(page.body[: start.start()]) >= 30 * (first - 1)
    return sorted(set(range(first if unlabelled else 1, max(found) + 1)) - found)


def _said_elsewhere(body: str, missing: list[int]) -> bool:
    """An article that stands inside a line is there, only ill set."""
    inside = {
        whole_number(found) for found in re.findall(r"第\s?([零〇一二三四五六七八九十百千\d]{1,7})\s{0,3}条", body)
    }
    return set(missing) <= inside


def _chapters(page: Page) -> Iterator[tuple[str, str, str]]:
    found = [whole_number(match.group(1)) for match in _CHAPTER.finditer(page.body)]
    if found == [1] and not _TAKES_EFFECT.search(page.body[-400:]):
        yield at(len(page.body)), "只有第一章，其后各章缺失", "There is a first chapter and none after it"


def _notes(page: Page) -> tuple[Finding, ...]:
    notes = []
    announced = _ANNOUNCED.search(page.body)
    if announced and letters(page.body[announced.end() :]) < 60:
        zh, en = "提到的附件不在正文中", "An attachment is announced that the text does not hold"
        notes.append(Finding("attachment_missing", at(announced.start()), zh, en, False))
    if len(page.articles) >= 3 and _LAW_TITLE.search(page.title) and not _TAKES_EFFECT.search(page.body[-400:]):
        zh, en = (
            "末尾没有施行日期的条款，可能不完整",
            "No closing article says when it takes effect; it may be incomplete",
        )
        notes.append(Finding("no_effective_clause", at(len(page.body)), zh, en, False))
    return tuple(notes)


def _finding(place: str, zh: str, en: str) -> Finding:
    return Finding("truncated_body", place, zh, en, True)
