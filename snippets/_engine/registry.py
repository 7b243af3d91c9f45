"""docs/equations.toml: the symbols and the equations of the site, one readable file."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "docs" / "equations.toml"


class RegistryError(Exception):
    """An entry of docs/equations.toml lacks a field, or has one that nobody reads."""


@dataclass(frozen=True)
class Symbol:
    """A letter of the formulas and its names in code."""

    name: str
    latex: list[str]  # every way of writing it
    meaning: str
    unit: str  # shape, range, unit
    code: list[str]  # names that stand for it in code
    role: str = ""  # which of the five colours it has, if any


@dataclass(frozen=True)
class Equation:
    """One equation card."""

    anchor: str  # eq-...: permanent
    id: str  # E..: the number under which tests and notes speak of it
    name: str
    page: str  # the page whose card it is, relative to docs/
    latex: str
    symbols: list[str]
    source: str
    conventions: str
    snippet: str  # snippets/NAME.py with the sections `compute` and `package` (or `torch`)
    number: str  # what `compute` calls the number that the second section repeats
    function: str  # the package's torch function; empty: the snippet is to be copied instead
    reference: str  # and its NumPy transcription, empty likewise
    caption: str
    limit: str
    tests: list[str]  # pytest ids

    @property
    def second(self) -> str:
        """The section that repeats the number: with the package, or in torch if it has none."""
        return "package" if self.function else "torch"


@cache
def _load() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _entry(kind: type, where: str, table: dict[str, Any], **given: str) -> Any:
    known = {f.name for f in fields(kind)}
    needed = known - set(given) - ({"role"} if kind is Symbol else set())
    if missing := needed - set(table):
        raise RegistryError(f"docs/equations.toml: {where} lacks {', '.join(sorted(missing))}")
    if extra := set(table) - known:
        raise RegistryError(f"docs/equations.toml: {where} has unknown {', '.join(sorted(extra))}")
    return kind(**given, **table)


@cache
def symbols() -> dict[str, Symbol]:
    """All symbols by name, in the order of the file."""
    tables = _load()["symbols"]
    return {n: _entry(Symbol, f"symbols.{n}", t, name=n) for n, t in tables.items()}


@cache
def equations() -> dict[str, Equation]:
    """All equations by anchor, in the order of the file."""
    tables = _load()["equations"]
    return {a: _entry(Equation, f"equations.{a}", t, anchor=a) for a, t in tables.items()}


def forget() -> None:
    """Read the file again at the next call (a server that rebuilds needs this)."""
    for function in (_load, symbols, equations):
        function.cache_clear()
