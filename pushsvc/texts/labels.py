"""What a government page says of its document above the text: 索引号, 发布机构, 发文字号, 发布时间 and the like.

The labels are those of the catalogues in which agencies disclose their documents. A page's own words outrank what a
crawler made of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

ZONE = 2_000  # letters from the beginning in which a page speaks of its document

# label -> our field; None: a label that only ends the value before it
LABELS: Mapping[str, str | None] = {
    "索引号": "index_no",
    "统一编号": "normative_no",
    "规范性文件编号": "normative_no",
    "规范性文件统一编号": "normative_no",
    "规范性文件登记号": "normative_no",
    "登记编号": "normative_no",
    "规范性文件统一登记号": "normative_no",
    "主题分类": "themes",
    "主题类别": "themes",
    "主题词": None,
    "体裁分类": None,
    "组配分类": None,
    "服务对象": None,
    "关键词": None,
    "发布机构": "agency",
    "发文机关": "agency",
    "发文机构": "agency",
    "制发机关": "agency",
    "发布单位": "agency",
    "公开主体": "agency",
    "发文部门": "agency",
    "发布部门": "agency",
    "颁布单位": "agency",
    "颁布机构": "agency",
    "印发单位": "agency",
    "责任部门": "agency",
    "公开机构": "agency",
    "公开单位": "agency",
    "发文字号": "doc_no",
    "文件编号": "doc_no",
    "文号": "doc_no",
    "文件字号": "doc_no",
    "公文字号": "doc_no",
    "发文文号": "doc_no",
    "成文日期": "date_written",
    "生成日期": "date_written",
    "发文日期": "date_written",
    "成文时间": "date_written",
    "生成时间": "date_written",
    "发文时间": "date_written",
    "印发日期": "date_written",
    "发布日期": "date_published",
    "发布时间": "date_published",
    "公开日期": "date_published",
    "公开时间": "date_published",
    "公布日期": "date_published",
    "发布于": "date_published",
    "施行日期": "date_effective",
    "实施日期": "date_effective",
    "生效日期": "date_effective",
    "执行日期": "date_effective",
    "生效时间": "date_effective",
    "实施时间": "date_effective",
    "失效日期": "valid_to",
    "废止日期": "valid_to",
    "有效期至": "valid_to",
    "失效时间": "valid_to",
    "废止时间": "valid_to",
    "有效性": None,
    "文件状态": None,
    "时效": None,
    "公开时限": None,
    "公开责任": None,
    "公文种类": None,
    "文件类型": None,
    "责任编辑": None,
    "编辑": None,
    "浏览": None,
    "阅读": None,
    "时效性": None,
    "公开属性": None,
    "公开方式": None,
    "公开渠道": None,
    "公开范围": None,
    "公开形式": None,
    "信息分类": None,
    "信息来源": "source",
    "来源": "source",
    "作者": None,
    "点击数": None,
    "点击量": None,
    "浏览次数": None,
    "浏览量": None,
    "访问量": None,
    "阅读次数": None,
    "字号": None,
    "字体": None,
    "标题": "title",
    "文件名称": "title",
    "信息名称": "title",
    "名称": "title",
}
_SPACED = {re.sub(r"\s", "", label): label for label in LABELS}
_NAMES = "|".join(r"[ \u3000]{0,4}".join(label) for label in sorted(LABELS, key=lambda label: len(label), reverse=True))
_LABEL = re.compile(rf"(?<![\u4e00-\u9fff《“])[【\[]?({_NAMES})[】\]]?\s{{0,3}}[:：]")
_VALUE_END = re.compile(r"[\n\t|]|[ \u3000]{2,}")
_DAY_GAPS = re.compile(r"(?<=\d)\s*([-:：/])\s*(?=\d)")
# The last cell of a table of labels: a day or a number, not the title below it.
_CELL = re.compile(r"(?=.{0,30}\d)[^。；《》]{1,30}")
_MOST = 80
_APART = 160


@dataclass(frozen=True)
class PageLabels:
    """fields: what the labels say, under our names. end: where the text can begin, 0 where there is no label."""

    fields: Mapping[str, str]
    end: int


def page_labels(text: str) -> PageLabels:
    """The labels at the head of a page. A dash says "none". One label alone is a sentence like any other."""
    found = _together(list(_LABEL.finditer(text[:ZONE])))
    if not found or (len(found) == 1 and LABELS[_name(found[0])] != "date_published"):
        return PageLabels({}, 0)
    fields: dict[str, str] = {}
    end = 0
    for place, label in enumerate(found):
        after = found[place + 1].start() if place + 1 < len(found) else len(text)
        value, end = _value(text, label.end(), after)
        field = LABELS[_name(label)]
        if field and value.strip("-—－ 无"):
            fields.setdefault(field, value)
    return PageLabels(fields, end)


def field_of_label(words: str) -> str | None:
    """Our field where the words are nothing but a label (`索 引 号：`), else None."""
    label = re.sub(r"[\s:：【】\[\]]", "", words) if len(words) <= 24 else ""
    return LABELS[_SPACED[label]] if label in _SPACED else None


def _together(found: list[re.Match[str]]) -> list[re.Match[str]]:
    """The labels that stand together: one far below the others belongs to the text."""
    for place in range(1, len(found)):
        if found[place].start() - found[place - 1].end() > _APART:
            return found[:place]
    return found


def _name(label: re.Match[str]) -> str:
    return _SPACED[re.sub(r"\s", "", label.group(1))]


def _value(text: str, start: int, limit: int) -> tuple[str, int]:
    """The label's value, and where it ends: at the next label, the line's end, or, in one long line, a blank."""
    stretch = text[start : min(limit, start + _MOST * 2)]
    stretch = _DAY_GAPS.sub(lambda gap: gap[1].ljust(len(gap[0]), "\0"), stretch)
    lead = len(stretch) - len(stretch.lstrip())
    if "\n" in stretch[:lead] and limit - start > _MOST:
        cell = stretch[lead:].partition("\n")[0]
        if not _CELL.fullmatch(cell):
            return "", start + stretch.index("\n")
        return " ".join(cell.replace("\0", "").split()), start + lead + len(cell)
    if limit == len(text) or limit - start > _MOST:
        stop = re.compile(r"[\s|]").search(stretch, lead)
    else:
        stop = _VALUE_END.search(stretch, lead)
    end = stop.start() if stop else len(stretch)
    return " ".join(stretch[:end].replace("\0", "").split()), start + end
