"""Files, functions and signatures stay small, and say what they are."""

import ast

from tests.house import tree


def test_no_file_is_longer_than_250_lines() -> None:
    lengths = {tree.name(path): path.read_text(encoding="utf-8").count("\n") for path in tree.files()}
    assert {path: lines for path, lines in lengths.items() if lines > 250} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = [tree.name(path, node) for path, node in tree.functions() if (node.end_lineno or 0) - node.lineno >= 40]
    assert long == []


def test_no_function_takes_more_than_6_parameters() -> None:
    wide = [f"{tree.name(path, node)} {node.name}" for path, node in tree.functions() if len(_parameters(node)) > 6]
    assert wide == []


def test_every_file_says_what_it_is() -> None:
    silent = [tree.name(path) for path in tree.files() if not ast.get_docstring(tree.parsed(path))]
    assert silent == []


def test_every_public_function_says_what_it_does() -> None:
    silent = [
        f"{tree.name(path)} {node.name}"
        for path in tree.files()
        for node in _public(tree.parsed(path).body)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_ignored_type_error_is_named() -> None:
    bare = [
        f"{tree.name(path)}:{number}"
        for path in tree.files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "type: ignore" in line and "type: ignore[" not in line
    ]
    assert bare == []


def _parameters(node: tree.Function) -> list[ast.arg]:
    given = node.args
    return [one for one in (*given.posonlyargs, *given.args, *given.kwonlyargs) if one.arg not in ("self", "cls")]


def _public(body: list[ast.stmt]) -> list[tree.Function | ast.ClassDef]:
    """Functions, classes and their methods without a leading underscore; what is nested inside is private."""
    found: list[tree.Function | ast.ClassDef] = []
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
            found.extend(_public(node.body) if isinstance(node, ast.ClassDef) else [])
    return found
