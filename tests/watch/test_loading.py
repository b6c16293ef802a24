"""What lives for weeks has all of itself soon: an upgrade may replace its files meanwhile."""

from __future__ import annotations

import ast
import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.console.window.app import LOADED as OF_THE_CONSOLE
from watch.entire import LOADED as OF_THE_WATCH
from watch.loading import load, modules_within

HOME = Path(__file__).parents[2]
OURS = ("estate", "collectors", "runbooks", "storage", "snapshots", "watch", "tui")
LIVES = {"watch.main": OF_THE_WATCH, "tui.console.window.app": OF_THE_CONSOLE}

#: Loaded within a function, but before there is a first page.
AT_THE_START: dict[str, set[str]] = {
    "watch.main": set(),
    "tui.console.window.app": {"watch.languages"},
}

#: Loads, loses its files, and is asked for what it had not needed until then.
WATCH = """
import asyncio, watch.main
from watch.entire import load_the_rest

asyncio.run(load_the_rest(0, 0))
lose()

from collectors.programs import program as sampled
from runbooks.host.protocol import Verb, program
from watch import openmetrics
from watch.runs import asked

assert program(Verb.GO) and sampled("probes/redis.sh")
"""
CONSOLE = """
import asyncio
from watch.loading import load
from tui.console.window.app import LOADED

assert asyncio.run(load(*LOADED, later_seconds=0, between_seconds=0)) == {}
lose()

from tui.console.session.desks import Desks
from importlib import import_module
from tui.paint.screens import SCREENS

for screen in SCREENS:
    import_module(f"tui.paint.{screen}")
desks = Desks()
assert desks.runs and desks.attention and desks.handover
"""


@pytest.mark.parametrize("script", [WATCH, CONSOLE], ids=["watch", "console"])
def test_what_was_loaded_outlives_its_files(tmp_path, script) -> None:
    for package in OURS:
        shutil.copytree(HOME / package, tmp_path / package)
    lose = "import importlib, shutil\ndef lose():\n"
    lose += "".join(f"    shutil.rmtree({package!r})\n" for package in OURS)
    (tmp_path / "upgraded.py").write_text(f"{lose}    importlib.invalidate_caches()\n{script}")
    done = subprocess.run(
        [sys.executable, "-P", "upgraded.py"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize("process", LIVES)
def test_whatever_is_loaded_late_is_loaded_ahead(process) -> None:
    """By the source: every import within a function, of whatever the process may come to run."""
    loaded = {process, *modules_within(*LIVES[process], but="collectors.demo")}
    waiting = list(loaded)
    while waiting:
        for imported in at_the_top(waiting.pop()):
            if imported not in loaded:
                loaded.add(imported)
                waiting.append(imported)
    late = {name for each in loaded for name in within_functions(each)}
    assert late - loaded == AT_THE_START[process]


def test_what_fails_is_named_and_the_rest_is_loaded(tmp_path, monkeypatch) -> None:
    package = tmp_path / "halfgone"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "a": "1 / 0",
        "b": "",
        "__main__": "raise SystemExit",
    }.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    failed = asyncio.run(load("halfgone", later_seconds=0, between_seconds=0))
    assert [*failed] == ["halfgone.a"]
    assert isinstance(failed["halfgone.a"], ZeroDivisionError)
    assert "halfgone.b" in sys.modules


def at_the_top(module: str) -> Iterator[str]:
    """The modules of ours that are loaded with it."""
    yield from (name for name, deep in imports(module) if not deep)


def within_functions(module: str) -> Iterator[str]:
    """The modules of ours that it loads when it comes to need them."""
    yield from (name for name, deep in imports(module) if deep)


def imports(module: str) -> Iterator[tuple[str, bool]]:
    path = HOME.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(path.read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for top in ast.walk(tree):
        if isinstance(top, ast.Module):
            body = [each for each in top.body if not _for_types(each)]
            found = [n for each in body for n in _outside_functions(each)]
            yield from ((name, False) for node in found for name in _named(node))
        elif isinstance(top, functions):
            nodes = [n for each in top.body if not _for_types(each) for n in ast.walk(each)]
            yield from ((name, True) for node in nodes for name in _named(node))


def _for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _outside_functions(child)


def _named(node: ast.AST) -> Iterator[str]:
    """The modules that an import names: `from package import module` names both."""
    if isinstance(node, ast.Import):
        names = [each.name for each in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module:
        names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    else:
        return
    for name in names:
        path = HOME.joinpath(*name.split("."))
        if name.partition(".")[0] in OURS and (path.is_dir() or path.with_suffix(".py").exists()):
            yield name
