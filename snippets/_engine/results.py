"""What the last execution gave, as the pages read it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from . import run

INDEX = run.ROOT / ".cache" / "index.json"  # stem -> folder of results


class UnknownResult(Exception):
    """A page asks for a snippet, value or section that does not exist."""


def publish(folders: dict[str, Path]) -> None:
    """Say which results are the current ones."""
    text = json.dumps({name: folder.name for name, folder in folders.items()}, indent=1)
    temporary = INDEX.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(INDEX)


@cache
def _index() -> dict[str, str]:
    if not INDEX.exists():
        raise UnknownResult("no results yet: run `make site`, which executes the snippets first")
    return json.loads(INDEX.read_text(encoding="utf-8"))


@cache
def result(name: str) -> dict[str, Any]:
    """The result of one snippet: stdout, sections, values, lines, figure."""
    if name not in _index():
        raise UnknownResult(f"there is no snippet {name!r} in snippets/")
    return json.loads((folder(name) / "result.json").read_text(encoding="utf-8"))


def folder(name: str) -> Path:
    return run.CACHE / _index()[name]


def value(name: str, key: str) -> Any:
    """One entry of a snippet's VALUES."""
    values = result(name)["values"]
    if key not in values:
        raise UnknownResult(f"snippets/{name}.py has no VALUES[{key!r}]; it has {sorted(values)}")
    return values[key]


def inline_figure(name: str) -> str:
    """The figure as SVG to stand inside a page."""
    if not result(name)["figure"]:
        raise UnknownResult(f"snippets/{name}.py has no figure()")
    return (folder(name) / f"{name}.inline.svg").read_text(encoding="utf-8")


def forget() -> None:
    """Read the index again at the next call."""
    for function in (_index, result):
        function.cache_clear()
