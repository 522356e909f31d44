"""A city straight into PostgreSQL's tables: what an import would leave there, without waiting for one."""

from __future__ import annotations

from sqlalchemy import text

from pushsvc.context import Context

_REGIONS = "(array['990101','990102','990103','990104','990105','330106','330105','330110','330106002','330108'])"
_TRADES = "(array['I6513','C3921','F5211','M7310','E4710','H6210','L7212','Q8521','C2710','K7040'])"
_TAGS = "(array['{租房}','{社保,就业}','{托育}','{}','{}','{}','{养老}','{补贴,创业}','{公积金}','{人才}'])"
# One in seven is a firm. Draws come from a hash of the number, so that the city is the same each time.
_DRAW = "(hashint8(cast(g as bigint) * 7919 + {0}) & 2147483647) % {1}"


def _pick(values: str, seed: int) -> str:
    return f"{values}[1 + {_DRAW.format(seed, 10)}]"


def _some(value: str, seed: int, share: int = 80) -> str:
    return f"case when {_DRAW.format(seed, 100)} < {share} then {value} end"


_CITIZENS = f"""
    insert into profile (ref, kind, shard, interests, updated_at, region, birth_date, sex, household_region, employment,
        insurance_months, owns_home, household_income, household_size, school_level, tenure, resident_since)
    select 'c' || g, case when g % 50 = 9 then 'self_employed' else 'citizen' end, {_DRAW.format(1, 64)},
        cast({_pick(_TAGS, 2)} as text[]), now(), {_some(_pick(_REGIONS, 3), 4, 95)},
        {_some(f"date '1930-01-01' + {_DRAW.format(5, 34000)}", 6, 95)},
        {_some("(array['female','male'])[1 + g % 2]", 7)},
        {_some(_pick(_REGIONS, 8), 9)},
        {_some(f"(array['employed','unemployed','student','retired'])[1 + {_DRAW.format(10, 4)}]", 11)},
        {_some(_DRAW.format(12, 400), 13)}, {_some("g % 3 = 0", 14, 60)}, {_some(_DRAW.format(15, 600000), 16, 60)},
        {_some("1 + " + _DRAW.format(17, 5), 18)},
        {_some("(array['senior','college','bachelor','master'])[1 + g % 4]", 19)},
        {_some("(array['owner','tenant'])[1 + g % 2]", 20)},
        {_some(f"date '2000-01-01' + {_DRAW.format(21, 9000)}", 22)}
    from generate_series(1, :profiles) g where g % 7 > 0
"""
_FIRMS = f"""
    insert into profile (ref, kind, shard, updated_at, region, industry, founded_on, employees, revenue, assets,
        rd_spend, legal_status, dishonest, registered_capital, rd_staff, patent_invention, qualifications_listed_on)
    select 'f' || g, case when g % 70 = 0 then 'cooperative' else 'enterprise' end, {_DRAW.format(1, 64)}, now(),
        {_some(_pick(_REGIONS, 3), 4, 95)}, {_some(_pick(_TRADES, 5), 6, 95)},
        {_some(f"date '1995-01-01' + {_DRAW.format(7, 11000)}", 8, 95)}, {_some(_DRAW.format(9, 900), 10)},
        {_some(_DRAW.format(11, 9000000) + " / 100.0", 12)}, {_some(_DRAW.format(13, 9000000) + " / 100.0", 14)},
        {_some(_DRAW.format(15, 900000) + " / 100.0", 16, 50)}, 'active', false, {_some(_DRAW.format(17, 5000), 18)},
        {_some(_DRAW.format(19, 200), 20, 40)}, {_some(_DRAW.format(21, 20), 22, 40)}, date '2026-05-01'
    from generate_series(1, :profiles) g where g % 7 = 0
"""
_BESIDE = (
    """insert into yearly_fact (profile_id, year, employees, revenue, assets, rd_spend)
       select id, y, (hashint8(id + y) & 2147483647) % 900, (hashint8(id * 3 + y) & 2147483647) % 9000000 / 100.0,
           (hashint8(id * 5 + y) & 2147483647) % 9000000 / 100.0, (hashint8(id * 7 + y) & 2147483647) % 900000 / 100.0
       from profile, generate_series(2023, 2025) y where kind in ('enterprise', 'cooperative')""",
    """insert into qualification (profile_id, key, valid_from, valid_until, source, as_of)
       select id, (array['national_hnte','tech_sme','innovative_sme'])[1 + id % 3], date '2023-01-01' + (id % 900)::int,
           date '2026-01-01' + (id % 900)::int, 'register', date '2026-05-01'
       from profile where kind = 'enterprise' and id % 5 < 2""",
    """insert into dependant (profile_id, ref, birth_date, household_region)
       select id, 'k', date '2008-01-01' + (id % 6500)::int, '330106'
       from profile where kind = 'citizen' and id % 5 = 0""",
    """insert into preference (profile_id, personalised, updated_at)
       select id, false, now() from profile where id % 20 = 3""",
    """insert into subscription (profile_id, ref, themes, keyword, created_at)
       select id, 'w', array['talent'], case when id % 3 = 0 then '补贴' || id % 997 end, now()
       from profile where id % 10 = 1""",
    """insert into address (channel, lookup, cipher, mask)
       select 'sms', decode(md5('a' || case when g % 20 = 0 then g - 1 else g end), 'hex'), '\\x00', '138****0000'
       from generate_series(1, :profiles) g on conflict do nothing""",
    """insert into profile_address (profile_id, address_id)
       select p.id, a.id from profile p join address a on a.channel = 'sms'
           and a.lookup = decode(md5('a' || case when p.id % 20 = 0 then p.id - 1 else p.id end), 'hex')
       where p.kind in ('citizen', 'self_employed')""",
)


def fill(ctx: Context, profiles: int) -> None:
    """So many profiles: one in seven a firm with its years, a fifth with a child, a tenth with a wish, phones."""
    with ctx.engine.begin() as conn:
        for statement in (_CITIZENS, _FIRMS, *_BESIDE):
            conn.execute(text(statement), {"profiles": profiles} if ":profiles" in statement else {})
        conn.execute(text("delete from profile_change"))
    with ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("vacuum analyze"))


def touch(ctx: Context, few: int) -> None:
    """So many profiles move, as many change their mind about recommendations, and a tenth of them wishes anew."""
    with ctx.engine.begin() as conn:
        conn.execute(
            text("update profile set region = '990105' where id % (select count(*) / :few from profile) = 1"),
            {"few": few},
        )
        conn.execute(
            text("update preference set personalised = not personalised where profile_id <= :few * 20"), {"few": few}
        )
        conn.execute(text("update subscription set themes = '{family}' where profile_id <= :few"), {"few": few})
