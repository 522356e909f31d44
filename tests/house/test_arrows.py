"""Who may import whom, and where SQL may stand."""

import ast
import re
import subprocess
import sys

from tests.house import tree

_STATEMENT = re.compile(r"\s*(select|insert into|update|delete from|truncate|with)\s[^.]*\b(from|into|set|as)\b", re.I)
# What names a connection, a URL, a row or an error, but no statement.
_HARMLESS = {"Connection", "Engine", "Row", "RowMapping", "URL", "make_url", "create_engine", "exc"}


def test_every_arrow_points_down() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_only_the_store_builds_statements() -> None:
    found = [
        f"{tree.name(path, node)} imports {alias.name} from {node.module}"
        for path in tree.files()
        if not _may_have_sql(path.relative_to(tree.ROOT).parts)
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.ImportFrom) and _is_sql(node.module or "")
        for alias in node.names
        if alias.name not in _HARMLESS
    ]
    assert found == []


def test_only_the_store_writes_sql() -> None:
    found = [
        tree.name(path, node)
        for path in tree.files()
        if not _may_have_sql(path.relative_to(tree.ROOT).parts)
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _STATEMENT.match(node.value)
        if "\n" not in node.value.strip() or ";" in node.value
    ]
    assert found == []


def _is_sql(module: str) -> bool:
    if module.startswith("pushsvc.store.tables"):
        return True
    return module.split(".")[0] == "sqlalchemy" and module != "sqlalchemy.exc"


def _may_have_sql(parts: tuple[str, ...]) -> bool:
    # Benchmarks set the baselines they are compared with themselves.
    return parts[:2] in (("pushsvc", "store"), ("pushsvc", "migrations")) or parts[0] == "benchmarks"
