"""A list of who was granted, chosen or admitted: the outcome of a policy, not a policy."""

from __future__ import annotations

import re

from pushsvc.texts.findings.shape import Finding, Page, at

# A rule about lists and publicity (名单管理办法, 公示制度的意见) is a rule: what is issued stands last in its title.
_NORM_TITLE = re.compile(
    r"(?:办法|规定|细则|条例|制度|意见|指南|方案|规范|规程|措施|标准|守则|政策|规则|要点|计划|纲要|机制|指引|决定|通则|须知|答复|批复|复函)"
    r"(?:\([^)]{1,12}\))*[》>]?(?:\([^)]{1,12}\))*(?:的(?:通知|公告|通告|决定|函|批复|请示))?\s*$"
)
_ASKS = re.compile(r"报送|征集|组织(?:开展|申报)|做好|建立|规范|加强|完善|填报|提交|调整")
_MAY_ASK = re.compile(r"申报|(?<!拟)推荐|开展|遴选|申请(?!通过|单位|企业)")
_OUTCOME = re.compile(
    r"名单|名录|拟(?:认定|支持|补助|资助|推荐|立项|奖励|入选|录用|录取|聘用?|扶持|兑现|拨付|发放|确定|入库|授予|表彰|命名|享受|通过|入围|列入|补贴|安排)"
    r"|(?:审核|评审|评选|认定|考核|验收|兑现|资助|补贴|评定|评价|复核|抽查|核准|核定|审查|审批|核查|初审|复审|入围|遴选|摇号|考试|面试|竞赛|中标|成交|立项|申报)"
    r"[^,。]{0,6}(?:结果|情况|通过|合格|成绩)"
    r"|(?:中标|成交|入选|入围|获奖|获得|通过)[^,。]{0,10}(?:公示|公告|公布|结果|企业|项目|人员)|一览表|花名册|光荣榜"
    r"|公示\s*(?:\([^)]{1,16}\))?\s*$|公布.{0,40}(?:结果|企业|项目)|公布\s*$"
)
_SHOWS = re.compile(
    r"现予(?:以)?公[示布告]|(?:以下|下列)[^。,]{0,12}(?:企业|单位|项目|人员|机构|产品)|(?:予以|进行|现将|特此|向社会)[^。]{0,60}公(?:示|布)|公示(?:期|时间|期间|期限|如下)|(?:如有|有|持)异议|(?:名单|结果|情况)(?:如下|公布|公示)"
    r"|(?:认定|确定|命名|授予|批准|同意)[^。]{0,60}(?:等|为)\s?\d{0,5}\s?(?:家|个|名|户|项|人)|(?:通过|入选|获得|符合)[^。]{0,30}(?:名单|企业|项目|人员)"
)
_TABLE = re.compile(
    r"(?:序号|编号|排名|名次)\s*[|,]?\s*(?:(?:拟|获|申报|受|推荐)?\S{0,8}(?:企业|单位|项目|姓名|公司|机构|个人|人员|产品|申请人|学校|成果|称号|平台|基地)\S{0,8})"
)
_KINDS = (
    r"公司|合作社|合伙\)?|经营部|事务所|工作室|商行|农场|研究院|研究所|大学|学院|医院|学校|幼儿园|中心|工厂|集团|厂|店"
    r"|基地|协会|银行|孵化器"
)
_ROW = re.compile(
    rf"(?:^|(?<=\s))(?P<no>\d{{1,4}})\s?[.、)|,]?\s{{0,4}}(?P<who>[^\s\d。;,][^\s。;,]{{1,40}}?(?:{_KINDS}))(?=[\s|,]|$)"
)
_PERSON = re.compile(r"(?:^|(?<=\s))\d{1,4}\s?[.、|,]?\s{0,4}[\u4e00-\u9fff]{1}[\u4e00-\u9fff*×某\s]{1,3}(?=[\s|,]|$)")
_COMPANY = re.compile(
    r"(?:^|(?<=[\s、,;]))[^\s。;,、]{4,40}?(?:有限公司|有限责任公司|合作社|(?:普通|有限)合伙\)|股份公司)(?=[\s、,;。|]|$)"
)
FEW, MANY = 3, 10


def find(page: Page) -> tuple[Finding, ...]:
    """Rows of grantees; a title that announces an outcome over a text that shows it; a text that only shows it."""
    rows, first = _rows(page.body)
    titled = _title_is_outcome(page.title)
    shows = _SHOWS.search(page.body)
    table = _TABLE.search(page.body)
    if page.is_norm and not (titled and rows >= MANY):
        return (_attached(first, rows),) if rows >= MANY else ()
    by_rows = rows >= MANY or (rows >= FEW and bool(shows or table))
    by_title = titled and bool(shows or table or rows >= FEW or page.prose_letters < 400)
    if by_rows or by_title or _only_shows(page):
        return (_finding("title" if titled else at(first), rows),)
    return ()


def _title_is_outcome(title: str) -> bool:
    return bool(_OUTCOME.search(title)) and not _NORM_TITLE.search(title) and not _asks(title)


def _asks(title: str) -> bool:
    """It calls for applications or for work; with 公示 in the title, words of applying tell of what was applied for."""
    return bool(_ASKS.search(title) or ("公示" not in title and _MAY_ASK.search(title)))


def _only_shows(page: Page) -> bool:
    """Its whole prose says: these are shown for so many days, object here."""
    if page.prose_letters > 500 or _NORM_TITLE.search(page.title) or _asks(page.title):
        return False
    shown = re.search(r"公示(?:期|时间|期间|期限)", page.body)
    return bool(shown and re.search(r"(?:有|持)异议", page.body) and re.search(r"名单|结果|拟|现将", page.body))


def _rows(body: str) -> tuple[int, int]:
    """How many entries a list has and where it begins; numbered rows first, else companies in a run."""
    for pattern in (_ROW, _COMPANY):
        found = list(pattern.finditer(body))
        if len(found) >= FEW:
            return len(found), found[0].start()
    people = list(_PERSON.finditer(body)) if "姓名" in body else []
    return (len(people), people[0].start()) if len(people) >= FEW else (0, 0)


def _finding(place: str, rows: int) -> Finding:
    many = f"（{rows} 行）" if rows else ""
    zh = f"这是结果或名单公示{many}，不是政策"
    en = f"This announces an outcome or a list of names{f' ({rows} rows)' if rows else ''}, not a policy"
    return Finding("result_list", place, zh, en, True)


def _attached(first: int, rows: int) -> Finding:
    zh, en = f"正文后附有 {rows} 行名单", f"A list of {rows} names is attached to the text"
    return Finding("list_attached", at(first), zh, en, False)
