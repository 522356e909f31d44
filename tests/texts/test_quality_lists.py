"""Lists of who was granted, and rules and calls that speak of lists."""

from __future__ import annotations

import pytest

from tests.texts.judging import PROSE, blocked, noted

NAMES = (
    "华东精密",
    "蓝海信息",
    "新禾农业",
    "启明医疗",
    "长风物流",
    "青石新材",
    "百川环保",
    "远航科技",
    "同舟软件",
    "金桥电子",
    "云上数据",
    "山河装备",
)
ROWS = "\n".join(f"{place} 某市{name}有限公司" for place, name in enumerate(NAMES, 1))
FLAT = " ".join(f"{place} 某市{name}有限公司 {place * 3}.5" for place, name in enumerate(NAMES, 1))
SHOWN = "现将拟支持名单予以公示，公示期为5个工作日。如有异议，请以书面形式向我局反映。\n"

LISTS = [
    (
        "2024年某区小微企业贴息审核通过名单",
        "经审核，现将通过审核的企业名单予以公示。\n附件：名单\n序号 企业名称\n" + ROWS,
    ),
    ("关于2023年度拟认定市级企业技术中心的公示", SHOWN + ROWS),
    ("某市第三批专精特新企业名单公布", "序号 企业名称 金额 " + FLAT),
    ("关于拟补助项目的公告", SHOWN),
    ("某区2024年稳岗返还资金公示", "序号,企业名称,返还金额\n" + ROWS),
    ("某市科技进步奖评审结果公告", "经评审委员会评审，现将结果公布如下：\n" + ROWS),
    ("公共租赁住房摇号结果公示", "序号 姓名 房号\n1 张*\n2 李某某\n3 王*伟\n4 赵某\n公示期7天，如有异议请反映。"),
    (
        "关于公布某市首批夜间经济示范街区名单的通知",
        "各区、县（市）商务局：\n经评选，确定湖滨等5个街区为示范街区，现予以公布。\n某市商务局\n2024年1月2日",
    ),
    ("某县人才公寓入围人员一览表", "序号 姓名 单位\n1 张三\n2 李四\n3 王五\n4 赵六六"),
    (
        "某项目中标公告",
        "经评标，现将中标结果公告如下，中标单位为某市华东精密有限公司，公示期3天，如有异议请在期内提出。",
    ),
    ("拟入库科技型企业", ROWS),
    ("关于2025年某专项资金的公告", SHOWN + "附件：拟支持项目表"),
    (
        "2022年拟享受房租补贴企业",
        "1.某市华东精密有限公司 2.某市蓝海信息有限公司 3.某市新禾农业合作社 4.某市启明医疗有限公司 以上企业公示7日，"
        "如有异议请反映",
    ),
    ("关于确认第二批创业担保贷款贴息对象的公示", SHOWN),
    ("某区高新技术企业奖励资金兑现名单", "单位名称 奖励金额 " + FLAT),
]
TEXTS = [
    ("失信被执行人名单管理办法", PROSE),
    ("关于全面推行行政执法公示制度的指导意见", PROSE + "四、公示期不少于五日，有异议的可以提出。\n"),
    ("关于印发某区重点企业名单管理办法的通知", PROSE),
    (
        "某市专项资金管理办法（试行）",
        PROSE + "四、拟支持名单应当予以公示，公示期不少于七日，对名单有异议的可以申请复核。\n",
    ),
    (
        "关于组织申报2025年专项资金的通知",
        PROSE + "序号 材料名称\n1 申请表\n2 营业执照\n3 承诺书\n拟支持名单将予以公示，公示期5天。",
    ),
    (
        "关于报送拟推荐企业名单的通知",
        "各镇、街道：\n请于3月底前报送本辖区拟推荐的企业名单，经初审后统一上报，逾期视为没有推荐的企业。"
        "\n某局\n2024年3月1日",
    ),
    (
        "关于调整某领导小组组成人员的通知",
        "经研究，决定调整领导小组组成人员。"
        "现将名单通知如下：\n组长：张三 副市长\n副组长：李四 秘书长\n成员：王五 发改局局长\n",
    ),
    ("市场准入负面清单（2025年版）", PROSE),
    (
        "某市稳岗补贴实施细则",
        "第一条 为了稳岗，制定本细则。\n第二条 审核通过的，予以公示，公示期五日。\n第三条 有异议的，可以申诉。"
        "\n第四条 本细则自印发之日起施行。",
    ),
    ("关于建立白名单制度的实施方案", PROSE + "附件：首批白名单\n" + ROWS),
    ("某区促进总部经济若干措施", PROSE),
    ("某市评审结果运用办法", PROSE),
    ("关于做好拟上市企业培育工作的通知", PROSE),
]


@pytest.mark.parametrize(("title", "body"), LISTS)
def test_a_list_of_the_chosen_is_named(title: str, body: str) -> None:
    assert "result_list" in blocked(title, body)


@pytest.mark.parametrize(("title", "body"), TEXTS)
def test_a_rule_or_a_call_about_lists_passes(title: str, body: str) -> None:
    assert blocked(title, body) == set()


def test_a_list_behind_a_rule_is_a_note() -> None:
    assert "list_attached" in noted("关于建立白名单制度的实施方案", PROSE + "附件：首批白名单\n" + ROWS)
