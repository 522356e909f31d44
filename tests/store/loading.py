"""Many profiles at once, written by the database itself."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, text

from pushsvc.store.session import transaction

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

_PEOPLE = """
    insert into profile (ref, kind, shard, interests, benefits, updated_at, region, birth_date, sex, insurance_months,
        owns_home)
    select 'p' || g, case when g % 7 = 0 then 'enterprise' else 'citizen' end, g % 64,
        (array['租房', '社保', '人才 引进'])[1 : g % 4], case when g % 3 = 0 then array['b' || g % 5] end, now(),
        '9901' || lpad((g % 13)::text, 2, '0'), date '1940-01-01' + g, (array['female', 'male', null])[1 + g % 3],
        g % 400, case when g % 4 > 0 then g % 4 = 1 end
    from generate_series(cast(:first as int), cast(:last as int)) g
"""
_YEARS = """
    insert into yearly_fact (profile_id, year, revenue, employees)
    select id, y, id * 1.5, case when id % 2 = 0 then 9 end from profile, generate_series(2024, 2025) y
    where kind = 'enterprise' and id between :first and :last
"""
_FAMILY = """
    insert into dependant (profile_id, ref, birth_date) select id, 'k', date '2020-01-01' + id::int from profile
    where kind = 'citizen' and id % 5 = 0 and id between :first and :last
"""


def fill_profiles(engine: Engine, last: int, *, after: int = 0) -> None:
    """Profiles from `after` + 1 to `last`, citizens and firms, with years and families. Numbers are as they come."""
    with transaction(engine) as conn:
        for statement in (_PEOPLE, _YEARS, _FAMILY):
            conn.execute(text(statement.replace("::", r"\:\:")), {"first": after + 1, "last": last})
