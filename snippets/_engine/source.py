"""Read a snippet without running it: sections, and the line behind each value."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SECTION = re.compile(r"#\s*--8<--\s*\[(start|end):\s*(\w+)\]")


class SnippetError(Exception):
    """A snippet breaks a rule of the house; the message says which, and where."""


@dataclass(frozen=True)
class Source:
    """One snippet file, parsed."""

    path: Path
    text: str
    tree: ast.Module
    sections: dict[str, tuple[int, int]]  # name -> first and last line between the markers
    value_lines: dict[str, int]  # key of VALUES -> the line that computed it
    from_package: frozenset[str]  # keys whose value depends on the package

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def title(self) -> str:
        return (ast.get_docstring(self.tree) or self.name).splitlines()[0].rstrip(".")

    def section(self, name: str) -> str:
        """The lines between a section's markers."""
        first, last = self.sections[name]
        return "\n".join(self.text.splitlines()[first - 1 : last]).strip("\n")


def read(path: Path) -> Source:
    """Parse a snippet and check what can be checked without running it."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, filename=str(path))
    if not ast.get_docstring(tree):
        raise SnippetError(f"{path}: a snippet opens with a docstring: its one idea, as a title")
    entries = _values(path, tree)
    assigned = _assignments(tree)
    lines, tainted = {}, set()
    for key, expression in entries.items():
        if not _names(expression) & assigned.keys():
            raise SnippetError(
                f"{path}:{expression.lineno}: VALUES[{key!r}] is a literal; "
                "a value is computed, or is the name of an input used above"
            )
        is_name = isinstance(expression, ast.Name)
        known = (
            [n for n in assigned.get(expression.id, []) if not isinstance(n, ast.Expr)]
            if is_name
            else []
        )
        lines[key] = (known[-1] if known else expression).lineno
        if _reaches_package(expression, assigned, set()):
            tainted.add(key)
    return Source(path, text, tree, _sections(path, text), lines, frozenset(tainted))


def _sections(path: Path, text: str) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    opened: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not (match := SECTION.search(line)):
            continue
        kind, name = match.groups()
        if kind == "start" and name not in opened and name not in found:
            opened[name] = number + 1
        elif kind == "end" and name in opened:
            found[name] = (opened.pop(name), number - 1)
        else:
            raise SnippetError(f"{path}:{number}: section {name!r} is opened or closed twice")
    if opened:
        raise SnippetError(f"{path}: section {next(iter(opened))!r} is never closed")
    return found


def _values(path: Path, tree: ast.Module) -> dict[str, ast.expr]:
    """The entries of the module's `VALUES = {...}`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "VALUES" for target in node.targets
        ):
            keys = node.value.keys if isinstance(node.value, ast.Dict) else [None]
            if not all(isinstance(k, ast.Constant) and isinstance(k.value, str) for k in keys):
                raise SnippetError(f"{path}:{node.lineno}: VALUES is a dict display with str keys")
            return {k.value: v for k, v in zip(keys, node.value.values, strict=True)}
    return {}


def _assignments(tree: ast.Module) -> dict[str, list[ast.stmt]]:
    """Every statement of the module that gives a name its value or may change it, in order."""
    found: dict[str, list[ast.stmt]] = {}
    for node in _statements(tree.body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        else:
            heads = [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt)]
            parts = (n for head in heads for n in ast.walk(head) if isinstance(n, ast.Name))
            names = [n.id for n in parts if isinstance(n.ctx, ast.Store)] + _touched(node)
        for name in names:
            found.setdefault(name, []).append(node)
    return found


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, loops and branches opened, functions and classes not."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from _statements(
                [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.stmt)]
            )


def _touched(node: ast.stmt) -> list[str]:
    """What a bare call may change: `losses.append(x)`, `loss(weight).backward()`."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or getattr(call.func, "id", None) == "print":
        return []
    return sorted(_names(call))


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _reaches_package(node: ast.AST, assigned: dict[str, list[ast.stmt]], seen: set[str]) -> bool:
    """Does the value of this expression depend on a name imported from `infonce`?"""
    for name in _names(node) - seen:
        seen.add(name)
        for statement in assigned.get(name, []):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                module = getattr(statement, "module", None) or statement.names[0].name
                if module.split(".")[0] == "infonce":
                    return True
            elif _reaches_package(statement, assigned, seen):
                return True
    return False
