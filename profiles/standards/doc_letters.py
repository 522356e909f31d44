"""The agency's letters (发文机关代字) that stand before a document number, cut out of the running text around it."""

from __future__ import annotations

import re

_LONGEST = 40  # signs of one name
_ALL_NAMES = 160
_BLANKS = " \t\r\n"
_NATION = "中华人民共和国"
# What leads up to a number in a sentence and is never part of an agency's letters.
_LEADS = re.compile(
    "根据|按照|依照|依据|遵照|参照|对照|执行|落实|贯彻|印发|转发|发布|公布|废止|修订|修改|替代|代替|通知|意见|办法|规定|方案"
    "|批复|请示|复函|文件|关于|以及|同时|包括|其中|参见|详见|文号|字号|编号|附件|有关|上述|所附|及其|同意|决定|停止|[的了着把被该其]|(?<!高)等"
)
_ALWAYS = "与及或以按据见由经是在对即"
# These also begin the name of a place (和平, 将乐, 于都, 自贡, 从化, 如皋): kept where no sentence can lead up to them.
_SOMETIMES = "和将于自从原如"
_REST = "政府委办发函字信开党组"  # 和政发: without its place nothing would be left
# 自国发, 将浙政办发, 原杭政办函: whole letters stand behind the word, so it is no place's.
_WHOLE = re.compile(
    "(?:国|中|[京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川黔滇陕甘青宁藏杭甬])[发办函政府委人科财教经环建卫]|国家|国务院|[一-龥]{2,3}省"
)
# An agency named in full before its letters: 国务院办公厅国办发, 杭州市财政局杭财企, 我局杭市管. 市政府办发 is one.
_MINISTRY = (
    "财政|教育|科技|科学技术|民政|商务|水利|公安|司法|自然资源|生态环境|交通运输|农业农村|文化和旅游|住房和?城乡建设"
)
_NAMED = re.compile(
    "(?:[一-龥]{0,16}(?:国务院|人民政府|委员会|办公厅|办公室|总局)"
    "|[一-龥]{0,8}[省市区县州][一-龥]{1,12}[局厅委会]|[我你本贵该][一-龥]{0,12}[局厅委会部]|[省市区县州]政府"
    f"|(?:{_MINISTRY}|人力资源和?社会保障|工业和信息化|环境保护)部)"
    "(?=[一-龥]{2,9}$)(?![办函字规党]|发(?!改)|.{1,7}[司局]函?$)"
)
_HARD = "〔“”\"'《》:"
_AGENCY_END = tuple("部局署委会院行办厅府")


def letters_before(text: str, end: int, *, agencies: bool = False) -> tuple[str, int]:
    """The letters that end at `end` of a plain text and where they begin; ("", end) where there are none.

    An agency named in full before them is no part of them, but stands within what was read. With `agencies`, several
    of them apart (财政部 税务总局公告) count as one. Looks back over a bounded stretch only.
    """
    stop = _skip_blanks(text, end)
    start = _run(text, stop)
    if stop - start == 1:
        start = _spaced(text, start, stop)
    start = _trimmed(text, start, stop)
    if agencies:
        start = _joined(text, start, stop)
    letters = re.sub(r"[\s、]", "", text[start:stop])
    letters = letters.replace(_NATION, "") or letters
    while not agencies and (named := _NAMED.match(letters)):
        letters = letters[named.end() :]
        letters = letters[_trimmed(letters, 0, len(letters)) :]
    return (letters, start) if letters else ("", end)


def _run(text: str, stop: int) -> int:
    """Where the unbroken Chinese signs that end at `stop` begin; a number's own 号 ends them."""
    at = stop
    while at > 0 and stop - at < _LONGEST and "\u4e00" <= text[at - 1] <= "\u9fff" and text[at - 1] != "号":
        at -= 1
    return at


def _skip_blanks(text: str, at: int) -> int:
    nearest = at
    while nearest > 0 and at - nearest < 4 and text[nearest - 1] in _BLANKS:
        nearest -= 1
    return nearest


def _spaced(text: str, start: int, stop: int) -> int:
    """`杭 政 函`: signs set apart one by one are one word."""
    while stop - start < _LONGEST:
        before = _skip_blanks(text, start)
        if before == start or before - _run(text, before) != 1:
            break
        start = before - 1
    return start


def _trimmed(text: str, start: int, stop: int) -> int:
    at = start
    if at and text[at - 1].isdigit() and text[at : at + 1] in tuple("年月日条款项"):
        at += 1
    for lead in _LEADS.finditer(text, at, stop):
        at = lead.end()
    nation = text.rfind(_NATION, at, stop)
    if nation > at:
        return nation
    while stop - at > 1 and _leads(text, at, bounded=at == start and (at == 0 or text[at - 1] in _HARD)):
        at += 1
    return at


def _leads(text: str, at: int, *, bounded: bool) -> bool:
    if text[at + 1] in _REST:
        return False
    if text[at] in _SOMETIMES and _WHOLE.match(text, at + 1):
        return True
    return text[at] in _ALWAYS or (not bounded and text[at] in _SOMETIMES)


def _joined(text: str, start: int, stop: int) -> int:
    while stop - start < _ALL_NAMES:
        before = start
        while before > 0 and start - before < 3 and text[before - 1] in " \u3000、":
            before -= 1
        apart = before < start or text.startswith(_NATION, start)  # …委员会中华人民共和国商务部令
        if not apart or not text.endswith(_AGENCY_END, 0, before):
            break
        earlier = _trimmed(text, _run(text, before), before)
        if not 1 < before - earlier < 24:
            break
        start = earlier
    return start
