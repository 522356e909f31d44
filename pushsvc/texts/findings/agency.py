"""A menu, a table or a footer where the issuing agency should stand; an agency or region that nobody knows."""

from __future__ import annotations

import re

from pushsvc.texts.findings.shape import LONGEST_FIELD, Finding, Page
from pushsvc.texts.prose import fold, letters

_ORGAN = (
    r"(?:人民政府|政府|委员会|办公厅|办公室|管委会|人大常委会|法院|检察院|研究院|公安分局|分局|总局|管理局|局|厅|委|部|署|院|办|中心|总队|支队|街道办事处|街道|镇|乡|银行"
    r"|协会|联合会|总工会|妇联|残联|工商联|团委)"
)
_NAMES = re.compile(rf"[\u4e00-\u9fff·]{{1,30}}{_ORGAN}$")
_NAV = re.compile(
    r"首页|网站|导航|登录|注册|无障碍|长者|更多|搜索|下拉|请选择|全部|友情链接|新闻|互动|公众服务|政务公开|政务服务|办事大厅|栏目|分享|收藏|打印|关闭窗口|字号|区政府部门"
    r"|市政府部门|委办局|街道/镇|上一[页篇]|下一[页篇]|点击|浏览"
)
_TABLE = re.compile(r"序号|企业名称|单位名称|项目名称|姓名|有限公司|名单|附件")
_LABELLED = re.compile(
    r"(?:发布机构|发文机关|发文单位|制定机关|发布单位|制发机关|发文部门|发布部门|责任部门|公开主体|信息来源|来源|成文单位"
    r"|印发单位)\s?[:：]?\s?(?P<name>[\u4e00-\u9fff·]{2,40})"
)
_SIGNED = re.compile(
    rf"(?P<name>[\u4e00-\u9fff]{{2,30}}{_ORGAN})\s*[\d零〇○一二三四五六七八九十]{{4}}\s?年\s?[\d一二三四五六七八九十]{{1,3}}\s?月"
)
_TITLED = re.compile(
    r"^(?P<name>[\u4e00-\u9fff]{1,30}?(?:人民政府(?:办公[厅室])?|人民代表大会(?:常务委员会)?|委员会|管委会|[局厅部委署院]))\s?(?:关于|印发|转发|公告|令)"
)
_PLACE_NOT_NAME = re.compile(r"^(?:无|暂无|未知|不详|其他|其它|null|none|n/a|[-—\s]*)$", re.IGNORECASE)
LONGEST_NAME, NEAR = 40, 3000


def find(page: Page) -> tuple[Finding, ...]:
    """The header's agency, and what is missing where the text was read."""
    told = page.raw.fields.get("agency")
    said = fold(told[:LONGEST_FIELD]) if isinstance(told, str) else ""
    notes = _unknown(page)
    if not is_menu(said, page):
        return notes
    named = named_agency(page)
    zh = "发文机关一栏是菜单、表格或网页片段" + (f"；正文写明“{named}”" if named else "，正文也没有写明机关")
    en = "The agency field holds a menu, a table or a piece of a page" + (
        f"; the text itself names {named}" if named else ", and the text names no agency"
    )
    return (Finding("menu_as_agency", "agency", zh, en, named is None), *notes)


def is_menu(said: str, page: Page) -> bool:
    """Parts that no joint document would set so: lines apart, words of navigation, rows, bare bureaus in a row."""
    if not said.strip() or _PLACE_NOT_NAME.match(said.strip()):
        return False
    parts = [part for part in re.split(r"[\n\r\t|>»›/\\]+|\s{2,}", said) if part.strip()]
    entries = len(_NAV.findall(said))
    if (
        entries >= 2
        or (entries and len(parts) >= 2)
        or (_TABLE.search(said) and (len(parts) >= 2 or letters(said) > LONGEST_NAME))
    ):
        return True
    names = [part for part in re.split(r"[\s、,;|>/\\]+", said) if part]
    if len(parts) >= 3 or (len(names) >= 4 and not re.search(r"[、,;]", said)):
        return not _all_in_text(names, page)
    return bool(re.search(r"[。?!]|<[a-z/]", said)) or (len(names) == 1 and letters(said) > LONGEST_NAME)


def named_agency(page: Page) -> str | None:
    """Who issued it by the text's own words: a labelled line, the title, or the signature over a date."""
    places = ((_LABELLED, page.source[:NEAR]), (_TITLED, page.title), (_SIGNED, page.body[-NEAR:]))
    for pattern, where in places:
        match = pattern.search(where)
        if match and _NAMES.fullmatch(match["name"]):
            return match["name"]
    return None


def _all_in_text(names: list[str], page: Page) -> bool:
    """A joint document names all who issue it, in its head or over its date, in prose or in a signature."""
    if any(letters(name) < 4 or not _NAMES.fullmatch(name) for name in names):
        return False
    ends = page.body[:600] + "\n" + page.body[-600:]
    return all(name in ends for name in names) and not _NAV.search(ends)


def _unknown(page: Page) -> tuple[Finding, ...]:
    notes = []
    if not page.text.agency:
        zh, en = "没有认出发文机关", "No issuing agency was recognised"
        notes.append(Finding("unknown_agency", "agency", zh, en, False))
    if not page.text.region:
        zh, en = "没有认出适用地区", "No region was recognised"
        notes.append(Finding("unknown_region", "region", zh, en, False))
    return tuple(notes)
