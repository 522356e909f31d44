"""Bad input from outside: each gets an error with its place, code and sentence, and nothing is half written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from channels.templates import TemplateError, compile_template
from profiles.errors import ProfilesError
from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import import_policies, set_criteria
from pushsvc.pipeline.ingest_profiles import import_profiles
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.making import make_policy

HEAD = "ref,kind,region,phone\n"
GOOD = "p1,citizen,990101,13800000001\n"


def written(ctx: Context) -> int:
    """Rows in all tables that an import writes."""
    names = ("profile", "address", "consent", "policy", "fact_history", "dependant")
    with transaction(ctx.engine) as conn:
        return sum(
            conn.execute(select(func.count()).select_from(tables.metadata.tables[n])).scalar_one() for n in names
        )


def save(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"ref,kind\n\xff\xff\xff\xff,citizen\n", "encoding"),
        (b"PK\x03\x04" + bytes(range(256)), "nul_byte"),
        ("ref,kind,fone\np1,citizen,1\n", "wrong_column"),
        ("ref,region\np1,990101\n", "wrong_column"),
        ("", "empty"),
        (HEAD + "p1,citizen," + "9" * 100_000_000 + ",\n", "line_too_long"),
    ],
    ids=["unreadable", "binary", "unknown column", "missing column", "empty", "100 MB line"],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    ctx: Context, tmp_path: Path, content: bytes | str, code: str
) -> None:
    with pytest.raises(ProfilesError) as error:
        import_profiles(ctx, save(tmp_path / "p.csv", content))
    assert error.value.place
    assert str(error.value).endswith(".")
    assert error.value.code == code
    assert written(ctx) == 0


def test_a_row_with_an_unknown_region_is_named_and_the_good_ones_load(ctx: Context, tmp_path: Path) -> None:
    path = save(tmp_path / "p.csv", HEAD + GOOD + "p2,citizen,123456,13800000002\n")
    report = import_profiles(ctx, path)
    assert report.new == 1
    (error,) = report.errors
    assert (error.line, error.column) == (3, "region")
    with transaction(ctx.engine) as conn:
        assert conn.scalars(select(tables.profile.c.ref)).all() == ["p1"]
        assert conn.execute(select(func.count()).select_from(tables.address)).scalar_one() == 1


def test_a_policy_line_that_is_too_long_is_named_and_the_next_one_loads(ctx: Context, tmp_path: Path) -> None:
    good = {"ref": "a", "title": "办法", "agency": "江澜市民政局", "region": "990100", "body": "第一条"}
    lines = [json.dumps({**good, "ref": "big", "body": "长" * 3_000_000}), json.dumps(good), "{not json"]
    report = import_policies(ctx, save(tmp_path / "p.jsonl", "\n".join(lines)))
    assert report.new == 1
    assert [error.line for error in report.errors] == [1, 3]


def test_criteria_with_an_unknown_fact_are_refused_with_their_place(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        make_policy(conn, ctx, "a", state="draft")
    outcome = set_criteria(ctx, "a", {"all": [{"fact": "age", "ge": 60}, {"fact": "shoe_size", "eq": 42}]})
    assert isinstance(outcome, list)
    assert "all[1]" in outcome[0].column + outcome[0].sentence
    assert "shoe_size" in outcome[0].sentence
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(tables.policy.c.criteria)).scalar_one() is None


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{% for i in range(1000000000) %}x{% endfor %}",
        "{{ title * 1000000000 }}",
        "{{ title|safe }}",
        "{% include '/etc/passwd' %}",
        "{% set x = 1 %}",
        "字" * 1_000_000_000,
        "{% if locale == 'zh' %}" * 5000,
    ],
    ids=["class", "range", "product", "filter", "include", "set", "a billion characters", "deep"],
)
def test_a_forbidden_template_is_refused_with_its_line(source: str) -> None:
    with pytest.raises(TemplateError) as error:
        compile_template(source)
    assert error.value.code in {"forbidden", "too_large", "too_deep", "syntax"}
    assert str(error.value)
