"""Many values in one statement: arrays as parameters, and as the rows of a derived table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import NamedFromClause


def array(values: Sequence[Any], kind: Any) -> BindParameter[Any]:
    """One PostgreSQL array parameter; for `column == func.any(array(…))`."""
    return bindparam(None, list(values), type_=ARRAY(kind), unique=True)


def derived(**columns: tuple[Sequence[Any], Any]) -> NamedFromClause:
    """`unnest(…) as v(name, …)`: equally long columns, each given as (values, type)."""
    arrays = [array(values, kind) for values, kind in columns.values()]
    return func.unnest(*arrays).table_valued(*columns).render_derived(name="v")
