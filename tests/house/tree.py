"""The source tree as the house rules see it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("pushsvc", "profiles", "recommenders", "channels", "benchmarks")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files() -> tuple[Path, ...]:
    """Every source file but the migrations' steps, which are written by a machine."""
    found = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(path for path in found if "versions" not in path.parts and path.read_text(encoding="utf-8").strip())


@cache
def parsed(path: Path) -> ast.Module:
    """Its syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path, node: ast.AST | None = None) -> str:
    """How a message names a place."""
    return f"{path.relative_to(ROOT)}" + (f":{node.lineno}" if isinstance(node, ast.stmt | ast.expr) else "")


def functions() -> Iterator[tuple[Path, Function]]:
    """Every function and method with its file."""
    for path in files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def readme() -> str:
    """The README's text."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def first_cells(text: str) -> list[str]:
    """The first cell of every table row."""
    return [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")]
