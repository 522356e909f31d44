"""The README's tables keep up with the code."""

import configparser
import re

import pushsvc.cli.main
from pushsvc.settings import setting_names
from tests.house import tree


def test_every_setting_has_a_row() -> None:
    cells = tree.first_cells(tree.readme())
    assert [name for name in setting_names() if f"`{name}`" not in cells] == []


def test_no_row_is_about_a_setting_that_is_gone() -> None:
    rows = {cell.strip("`") for cell in tree.first_cells(tree.readme()) if cell.startswith("`PUSHSVC_")}
    assert rows == set(setting_names())


def test_every_dependency_has_a_row() -> None:
    words = {word.lower() for cell in tree.first_cells(tree.readme()) for word in re.findall(r"[A-Za-z0-9_.-]+", cell)}
    assert [name for name in dependencies() if name not in words] == []


def test_every_command_can_be_loaded() -> None:
    group = pushsvc.cli.main.cli
    loaded = {name: group.commands.get(name) or _load(name) for name in pushsvc.cli.main.COMMANDS}
    assert [name for name, command in loaded.items() if command is None] == []


def dependencies() -> list[str]:
    """The names in setup.cfg's install_requires and extras, lower case, without extras, ranges and markers."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(tree.ROOT / "setup.cfg", encoding="utf-8")
    lists = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    lines = [line for text in lists for line in text.splitlines() if line.strip()]
    return [re.split(r"[\s<>=\[;]", line.strip(), maxsplit=1)[0].lower() for line in lines]


def _load(name: str) -> object:
    import click

    return pushsvc.cli.main.cli.get_command(click.Context(pushsvc.cli.main.cli), name)
