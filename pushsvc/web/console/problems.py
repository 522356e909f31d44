"""What is wrong with a tree that somebody typed, in the reader's language, with the piece of the tree it is about."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from profiles.criteria import CriteriaError
from pushsvc.web.i18n import locale, t

SENTENCES = {
    "not_json": "这不是 JSON",
    "too_deep": "嵌套太深",
    "too_big": "条件太多",
    "missing_key": "缺一个必需的键",
    "unknown_key": "有一个不认识的键",
    "wrong_type": "值的类型不对",
    "empty_list": "列表不能为空",
    "bad_value": "值不在允许的范围内",
    "bad_date": "没有这一天",
    "bad_text": "文字里有无法保存的字符",
    "unknown_fact": "没有这项信息",
    "unknown_level": "没有这一级",
    "unknown_region": "没有这个行政区划代码",
    "stale_region": "这个行政区划已经拆分，请写明拆分后的",
    "unknown_industry": "没有这个行业",
    "unknown_qualification": "没有这种资质",
    "unknown_parameter": "没有这个共用数值",
    "no_value": "引用的共用数值今天没有值",
    "wrong_op": "这项信息不能这样比较",
    "op_count": "一个条件只能有一种比较",
    "not_yearly": "这项信息不分年度",
    "nested_dependant": "家庭成员的条件里不能再套家庭成员",
    "sensitive_fact": "敏感信息只在已存政策自己的活动里计数，不作试算",
    "unknown_policy": "没有这份政策",
}
OTHERWISE = "这里写得不对"
_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_EXCERPT = 160


@dataclass(frozen=True)
class Problem:
    """`sentence` is in the reader's language; `detail` says more in English; `excerpt`: what stands there."""

    code: str
    place: str
    sentence: str
    detail: str = ""
    excerpt: str = ""


def problem(error: CriteriaError, tree: Any = None) -> Problem:
    """An error of a tree as pages say it."""
    said = t(SENTENCES.get(error.code, OTHERWISE))
    if locale() == "en" and error.code not in ("sensitive_fact", "bad_value"):
        return Problem(error.code, error.place, error.sentence, "", _excerpt(tree, error.place))
    detail = "" if error.code in ("sensitive_fact", "not_json") else error.sentence
    return Problem(error.code, error.place, said, detail, _excerpt(tree, error.place))


def named_problem(code: str) -> Problem:
    """One that is about no place in a tree."""
    return Problem(code, "", t(SENTENCES[code]))


def _excerpt(tree: Any, place: str) -> str:
    """The start of what stands at a place, or at the nearest place above it that is there; nothing for the whole."""
    found, parts = tree, _PART.findall(place)
    for i, (name, number) in enumerate(parts):
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and number and int(number) < len(found):
            found = found[int(number)]
        else:
            if not i:
                return ""
            break
    if not parts or found is None:
        return ""
    try:
        text = json.dumps(found, ensure_ascii=False)
    except RecursionError:
        return ""
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
