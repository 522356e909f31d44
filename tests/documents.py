"""Documents as a crawl brings them, made up: a header of its own and a text whose end says when it holds."""

from __future__ import annotations

from typing import Any

TITLE = "江澜市人民政府关于支持小微企业创新的若干意见"
_CLAUSES = (
    "一、对本市登记注册、当年研发投入超过上年的小微企业，按增加部分给予适当补助，由区财政部门在受理后三十日内拨付。",
    "二、对首次进入规模以上名录的小微企业，区人民政府给予一次性支持，企业无须提交已由部门共享的材料。",
    "三、各区人民政府应当在政务服务大厅设立窗口，公开受理条件、办理时限和咨询电话，接受社会监督。",
    "四、市经济和信息化局会同市财政局负责解释，并在每年年底前公布执行情况和资金使用情况。",
)


def document(
    number: int,
    *,
    year: int = 2026,
    title: str = TITLE,
    clauses: tuple[str, ...] = _CLAUSES,
    end: str = "本意见自2026年3月1日起施行。",
    **fields: Any,
) -> dict[str, Any]:
    """One row of a crawl: the document 江政发〔year〕number号, written on 1 February of its year."""
    doc_no = f"江政发〔{year}〕{number}号"
    head = (title, doc_no, "各区人民政府，市政府各部门：")
    tail = (end, "江澜市人民政府", f"{year}年2月1日")
    return {
        "id": f"jl-{year}-{number}",
        "title": title,
        "发文字号": doc_no,
        "发布机构": "江澜市人民政府",
        "发布日期": f"{year}-02-05",
        "url": f"https://www.jianglan.example/{year}/{number}.html",
        "content": "\n".join((*head, *clauses, *tail)),
        **fields,
    }
