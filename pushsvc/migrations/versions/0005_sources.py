"""The sources every installation knows"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As they stood when this step was written: name, rank, days its word holds, Chinese, English, purpose, basis.
SOURCES = (
    (
        "correction",
        100,
        365,
        "个人更正",
        "the person's correction",
        "更正不准确的个人信息 | to put right what is wrong",
        "个人信息保护法第四十六条 | PIPL art. 46",
    ),
    (
        "market_register",
        80,
        400,
        "市场监管登记",
        "business register",
        "认定主体资格 | to know what kind of business it is",
        "市场主体登记管理条例 | regulation on the registration of market entities",
    ),
    (
        "tax",
        80,
        400,
        "税务",
        "tax office",
        "核对经营数据 | to check business figures",
        "税收征收管理法 | law on tax collection",
    ),
    (
        "social_insurance",
        80,
        180,
        "社会保险",
        "social insurance",
        "核对参保情况 | to check insurance",
        "社会保险法 | social insurance law",
    ),
    (
        "household_register",
        80,
        400,
        "户籍登记",
        "household register",
        "核对身份与户籍 | to check identity and household",
        "户口登记条例 | regulation on household registration",
    ),
    (
        "civil_affairs",
        80,
        400,
        "民政",
        "civil affairs",
        "核对婚育与救助情况 | to check family and assistance",
        "社会救助暂行办法 | interim measures on social assistance",
    ),
    ("education", 80, 400, "教育", "education office", "核对学籍 | to check schooling", "教育法 | education law"),
    (
        "housing",
        80,
        400,
        "住房登记",
        "housing register",
        "核对住房情况 | to check housing",
        "不动产登记暂行条例 | regulation on the registration of real estate",
    ),
    (
        "science",
        80,
        400,
        "科技",
        "science office",
        "核对研发与资质 | to check research and certificates",
        "科学技术进步法 | law on progress of science and technology",
    ),
    (
        "statistics",
        70,
        400,
        "统计",
        "statistics office",
        "划分企业规模 | to tell the size class",
        "统计法 | statistics law",
    ),
    (
        "operator",
        60,
        180,
        "经办人员录入",
        "office staff",
        "办理本人申请 | to handle the person's own request",
        "依法履行职责 | duties set by law",
    ),
    (
        "register",
        50,
        180,
        "登记数据",
        "a register",
        "推送适用政策 | to tell of policies that fit",
        "依法履行职责 | duties set by law",
    ),
    (
        "import",
        50,
        180,
        "批量导入",
        "a file",
        "推送适用政策 | to tell of policies that fit",
        "依法履行职责 | duties set by law",
    ),
    (
        "api",
        50,
        180,
        "接口提交",
        "the API",
        "推送适用政策 | to tell of policies that fit",
        "依法履行职责 | duties set by law",
    ),
    (
        "self",
        40,
        90,
        "本人填写",
        "the person's own word",
        "推送适用政策 | to tell of policies that fit",
        "本人同意 | the person's consent",
    ),
)


def upgrade() -> None:
    table = sa.table(
        "fact_source",
        *(sa.column(name, sa.Text()) for name in ("name", "zh", "en", "purpose", "basis")),
        *(sa.column(name, sa.SmallInteger()) for name in ("rank", "holds_days")),
    )
    names = ("name", "rank", "holds_days", "zh", "en", "purpose", "basis")
    op.bulk_insert(table, [dict(zip(names, source, strict=True)) for source in SOURCES])
