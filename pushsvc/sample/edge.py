"""The edge cast: people and firms with fixed references, each made to stand on one boundary of the rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pushsvc.sample.research import given_for
from pushsvc.sample.rows import Row

ZONE = ZoneInfo("Asia/Shanghai")
AUNTIE, FAMILY = "auntie-wang", "newborn-family"
RESIDENT, FIRM = "demo-resident", "demo-enterprise"  # who the demo's links sign in as
DEADLINE_DAYS = 30  # the day the refit subsidy closes: somebody turns 60 on it
_AGREED = "notify:any|recommend:any"
_SOFTWARE = {
    "region": "990101",
    "industry": "I6513",
    "employees": "60",
    "revenue": "2000",
    "members": "edge-twins:admin",
}
_RESTAURANT = {
    "region": "990103",
    "industry": "H6210",
    "employees": "9",
    "revenue": "90",
    "members": "edge-three-firms:admin",
}
# Whether she owns a home is not in the register: the one fact that her page asks for.
_RESIDENT = {
    "sex": "female",
    "employment": "employed",
    "talent_class": "E",
    "insurance_months": "26",
    "interests": "人才安居|托育",
}
_SOUND = {"legal_status": "active", "is_branch": "no", "premiums_paid": "yes", "layoff_rate": "0", "dishonest": "no"}


def edge_citizens(on: date) -> list[Row]:
    """The citizens of the cast as they are on `on`."""
    talent = {"talent_class": "E", "insurance_months": "40", "owns_home": "no", "employment": "employed"}
    born = (on - timedelta(days=30)).isoformat()
    long_ago = (on - timedelta(days=900)).isoformat()
    refit = on + timedelta(days=DEADLINE_DAYS)
    settled = {"sex": "female", "owns_home": "yes"}
    reads = {"interests": "长者|助餐|健康检查"}
    rows = [
        _person(AUNTIE, "王阿姨", _born(on, 66), settled | reads | _device(1) | {"employment": "retired"}),
        _person(FAMILY, "安可一家", _born(on, 31), settled | _device(2) | {"employment": "employed"}),
        _person("edge-recycled-phone-a", "柏舟", _born(on, 35), talent | {"phone": _phone(3), "as_of": long_ago}),
        _person("edge-recycled-phone-b", "汀若", _born(on, 29), talent | {"phone": _phone(3)}),
        _person("edge-twins", "禾川", _born(on, 33), _device(5)),
        _person("edge-three-firms", "远知行", _born(on, 45), _device(6) | {"email": "three.firms@mail.example"}),
        _person("edge-sixty-on-deadline", "松朗", _born(refit, 60), {"hardship": "yes", "phone": _phone(7)}),
        _person(RESIDENT, "林可", _born(on, 30), _RESIDENT | _device(8)),
        _person("demo-manager", "言希", _born(on, 39), _device(9) | {"employment": "employed"}),
    ]
    rows[4]["dependants"] = f"edge-twin-1@{born}@990101|edge-twin-2@{born}@990101"
    rows[6]["consents"] += "|sensitive:any"
    rows[7]["dependants"] = f"demo-child@{long_ago}@990101"
    return [_finished(row, on) for row in rows]


def edge_entities(on: date) -> list[Row]:
    """The firms of the cast: one software firm in several fates, and three restaurants of one person."""
    past = {days: (on - timedelta(days=days)).isoformat() for days in (1, 10, 2000)}
    expired = _papers(national_hnte=on - timedelta(days=60), tech_sme=on - timedelta(days=400))
    research = _spends(160, on) | {"contract_amount": "20"}
    sells = _spends(20, on) | {"contract_amount": "80"}
    lapsing = _papers(national_hnte=on + timedelta(days=60)) | {"patent_invention": "3", "software_copyright": "12"}
    listed = {"founded_on": past[2000], "qualifications_listed_on": past[10]}
    rows = [
        _firm("edge-expired-hightech", "澜石软件有限公司", expired | _spends(30, on)),
        _firm("edge-repaired-dishonesty", "言石软件有限公司", research | {"as_of": past[1]}),
        _firm("edge-moved-in-midyear", "远帆软件有限公司", {"moved_in_on": f"{on.year - 1}-07-01"}),
        _firm("edge-headquarters", "云汀软件有限公司", sells),
        _firm("edge-branch", "云汀软件有限公司青屿分公司", sells | {"is_branch": "yes"}),
        _firm("edge-cancelled-firm", "舒野软件有限公司", research | {"legal_status": "cancelled"}),
        _firm(FIRM, "星渡软件有限公司", _spends(240, on) | lapsing | {"members": "demo-manager:admin"}),
        *(_firm(f"edge-firm-{n}", f"和光{n}号餐饮有限公司", _RESTAURANT) for n in (1, 2, 3)),
    ]
    return [_finished(listed | row, on) for row in rows]


def auntie_acts(policies: list[dict[str, Any]], start: date, end: date) -> list[tuple[str, str, str, datetime]]:
    """Auntie Wang reads everything for elders, on the evening of the day after it is published."""
    acts: list[tuple[str, str, str, datetime]] = []
    for policy in policies:
        day = date.fromisoformat(policy["date_published"]) + timedelta(days=1)
        if policy["topic"] == "elder" and not policy["sensitive"] and start <= day <= end:
            at = datetime(day.year, day.month, day.day, 19, 30, tzinfo=ZONE)
            acts += [
                (AUNTIE, policy["ref"], kind, at + timedelta(minutes=n))
                for n, kind in enumerate(("opened", "clicked", "saved"))
            ]
    return acts


def _finished(row: Row, on: date) -> Row:
    return {"source": "register", "as_of": (on - timedelta(days=10)).isoformat(), **row}


def _born(on: date, years: int) -> str:
    """The day somebody was born who turns `years` on `on`; in a common year for the leap day."""
    day = 28 if (on.month, on.day) == (2, 29) else on.day
    return date(on.year - years, on.month, day).isoformat()


def _person(ref: str, name: str, born: str, more: Row) -> Row:
    home = {"region": "990101", "household_region": "990101", "consents": _AGREED}
    return {"ref": ref, "kind": "citizen", "name": name, "birth_date": born, **home, **more}


def _firm(ref: str, name: str, more: Row) -> Row:
    return {"ref": ref, "kind": "enterprise", "name": f"江澜{name}", **_SOFTWARE, **_SOUND, **more}


def _papers(**until: date) -> Row:
    """The certificates that lapse on these days."""
    papers = (given_for(key, day) for key, day in until.items())
    return {"qualifications": "|".join(f"{key}@{start}@{end}" for key, start, end in papers)}


def _spends(last: int, on: date) -> Row:
    """Research of the last full year, three quarters of it the year before; revenue grows by a tenth."""
    spent = {"rd_spend": f"{last}", f"rd_spend@{on.year - 1}": f"{last}", f"rd_spend@{on.year - 2}": f"{last * 3 // 4}"}
    return spent | {f"revenue@{on.year - 1}": "2000", f"revenue@{on.year - 2}": "1800"}


def _device(number: int) -> Row:
    return {"app_token": f"sample-device-{number:06d}", "phone": _phone(number)}


def _phone(number: int) -> str:
    return f"138000100{number:02d}"
