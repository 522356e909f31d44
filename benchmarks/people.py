"""A register of invented profiles to import: all kinds, ten facts and more each, most with phone, mail and consents."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from profiles.facts import SCHOOL_LEVELS
from profiles.profile_cells import COLUMNS
from profiles.standards import industries, regions

ON = date(2026, 6, 1)
YEARS = (2023, 2024, 2025)
YEARLY = tuple(f"{fact}@{year}" for year in YEARS for fact in ("employees", "revenue", "assets", "rd_spend"))
HEADER = (*COLUMNS, *YEARLY)
# What people decide about being reached, beside the phone that registers know: no register of facts sends it.
OF_PEOPLE = frozenset({"email", "app_token", "consents", "personalised", "members"})
FIRMS_EACH = 7  # every seventh profile runs a business
_TAGS = ("租房", "社保", "托育", "养老", "就业", "创业", "人才", "补贴", "公积金", "医保", "研发", "融资")
_OBJECTIVES = ("扩产", "上市", "出海", "数字化", "节能")
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉"
_CERTIFICATES = (("national_hnte", 3), ("tech_sme", 1), ("innovative_sme", 3))
_DOMAINS = ("qq.example.com", "163.example.cn", "mail.example.com", "corp.example.cn", "city.example.com")


def write_csv(path: Path, profiles: int, *, later: bool = False, whole: bool = False) -> Path:
    """So many profiles as a CSV file: facts, years, certificates, lists, family, names and phones.

    `later`: as the register tells of them four months on. `whole`: with what people decide about being reached, too.
    """
    header = [name for name in HEADER if whole or name not in OF_PEOPLE]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(map(_later, rows(profiles)) if later else rows(profiles))
    return path


def write_parquet(path: Path, source: Path) -> Path:
    """The same rows as Parquet, with figures, days and flags typed."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    from profiles.facts import FACTS

    kinds = {"number": pa.float64(), "date": pa.date32()}
    types = {name: kinds.get(FACTS[fact].kind, pa.string()) for name in HEADER if (fact := name.split("@")[0]) in FACTS}
    types = dict.fromkeys(HEADER, pa.string()) | types | {"as_of": pa.date32()}
    options = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=True)
    parquet.write_table(arrow_csv.read_csv(source, convert_options=options), path)
    return path


def rows(profiles: int, *, seed: int = 1) -> Iterator[dict[str, str]]:
    """One row a profile; firms name residents who came before them."""
    draw = random.Random(seed)
    places = sorted(code for code, one in regions.table().items() if one.level == "county" and len(code) == 6)
    places = [code for code in places if regions.parse_region(code) == code][:400]
    trades = sorted(code for code in industries.table() if len(code) == 5)
    for number in range(profiles):
        made = _firm if number % FIRMS_EACH == FIRMS_EACH - 1 else _resident
        yield _common(draw, number) | made(draw, number, draw.choice(places), trades)


def _later(row: dict[str, str]) -> dict[str, str]:
    """A third of the residents moved up a month of insurance and more, a third of the firms hired; all is told anew."""
    changed = {"as_of": (date.fromisoformat(row["as_of"]) + timedelta(days=130)).isoformat()}
    for fact in ("insurance_months", "employees"):
        if row.get(fact) and int(row["ref"][1:]) % 3 == 0:
            changed[fact] = str(int(row[fact]) + 1)
    return row | changed


def _common(draw: random.Random, number: int) -> dict[str, str]:
    phone = f"13{number % 10}{(number * 7919) % 100_000_000:08d}" if draw.random() < 0.93 else ""
    mail = f"user{number}@{draw.choice(_DOMAINS)}" if draw.random() < 0.7 else ""
    token = f"device-{number:012d}" if draw.random() < 0.02 else ""  # registers know few devices: apps report their own
    consents = draw.choice(
        ("notify:any", "notify:sms|recommend:app", "notify:sms|notify:email", "notify:any|recommend:any")
    )
    day = ON - timedelta(days=draw.randrange(120))
    return {
        "ref": f"p{number:08d}",
        "name": draw.choice(_SURNAMES) + draw.choice(_GIVEN) + draw.choice(_GIVEN),
        "phone": phone,
        "email": mail,
        "app_token": token,
        "interests": "|".join(draw.sample(_TAGS, draw.randrange(4))),
        "consents": consents if draw.random() < 0.85 else "",
        "personalised": "no" if draw.random() < 0.05 else "",
        "source": "register",
        "as_of": day.isoformat(),
    }


def _resident(draw: random.Random, number: int, region: str, trades: list[str]) -> dict[str, str]:
    born = date(1940, 1, 1) + timedelta(days=draw.randrange(28_000))
    told = {
        "region": region,
        "birth_date": born.isoformat(),
        "sex": draw.choice(("female", "male")),
        "household_region": region,
        "employment": draw.choice(("employed", "unemployed", "student", "retired")),
        "insurance_months": str(draw.randrange(400)),
        "owns_home": draw.choice(("yes", "no")),
        "household_income": str(draw.randrange(20_000, 600_000)),
        "household_size": str(draw.randrange(1, 6)),
        "school_level": draw.choice(SCHOOL_LEVELS),
        "tenure": draw.choice(("owner", "tenant")),
        "resident_since": (date(2000, 1, 1) + timedelta(days=draw.randrange(9_000))).isoformat(),
        "disability_rate": str(draw.randrange(101)) if draw.random() < 0.02 else "",
    }
    if number % 50 == 9:
        told |= {"kind": "self_employed", "industry": draw.choice(trades), "founded_on": "2020-03-01", "employees": "2"}
    if draw.random() < 0.2:
        child = f"p{number:08d}-k1@{2010 + draw.randrange(15)}-0{1 + draw.randrange(9)}-11@{region}"
        told["dependants"] = f"{child}|p{number:08d}-k2@2024-05-05@" if draw.random() < 0.3 else child
    return {"kind": "citizen", **told}


def _firm(draw: random.Random, number: int, region: str, trades: list[str]) -> dict[str, str]:
    founded = date(1995, 1, 1) + timedelta(days=draw.randrange(10_900))
    revenue = draw.randrange(50, 90_000)
    told = {
        "kind": "cooperative" if number % 70 == 13 else "enterprise",
        "name": f"江澜{draw.choice(_SURNAMES)}{draw.choice(_GIVEN)}科技有限公司",
        "region": region,
        "industry": draw.choice(trades),
        "founded_on": founded.isoformat(),
        "employees": str(draw.randrange(1, 900)),
        "legal_status": "active",
        "legal_form": draw.choice(("limited", "joint_stock", "partnership")),
        "registered_capital": str(draw.randrange(10, 50_000)),
        "dishonest": "no",
        "premiums_paid": "yes",
        "patent_invention": str(draw.randrange(20)),
        "rd_staff": str(draw.randrange(200)),
        "objectives": draw.choice(_OBJECTIVES),
        "benefits": "none" if draw.random() < 0.3 else "",
        "members": f"p{number - 1:08d}:admin|p{number - 2:08d}:member",
    }
    figures: dict[str, Callable[[], float]] = {
        "employees": lambda: draw.randrange(1, 900),
        "revenue": lambda: round(revenue * draw.uniform(0.7, 1.3), 2),
        "assets": lambda: round(revenue * draw.uniform(0.5, 3), 2),
        "rd_spend": lambda: round(revenue * draw.uniform(0, 0.12), 2),
    }
    told |= {name: str(figures[name.split("@")[0]]()) for name in YEARLY}
    if draw.random() < 0.4:
        key, years = draw.choice(_CERTIFICATES)
        start = ON - timedelta(days=draw.randrange(1_000))
        told["qualifications"] = f"{key}@{start}@{start + timedelta(days=365 * years - 1)}"
    return told
