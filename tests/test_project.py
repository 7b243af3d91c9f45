"""The project as a whole: one version, one layout, nothing of one machine in it."""

import ast
import re
import subprocess
import tomllib

import pytest

import infonce
from snippets._engine import cards, run

PROJECT = tomllib.loads((run.ROOT / "pyproject.toml").read_text())
TOP = {
    *("docs", "snippets", "infonce", "tests", "mkdocs.yml", "pyproject.toml", "README.md"),
    *("Makefile", "constraints.txt", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff"),
    *("LICENSE", "LICENSE-docs", ".ci", ".github", ".gitignore", ".gitattributes"),
}


def tracked() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files"], cwd=run.ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    return done.stdout.splitlines()


def test_one_version():
    assert infonce.__version__ == PROJECT["project"]["version"] == cards.citation()["version"]
    assert f"## {infonce.__version__}" in (run.ROOT / "CHANGELOG.md").read_text()


def test_pages_cite_what_the_citation_file_says():
    about = cards.citation()
    in_pages = re.search(
        r'citation:.*\n *title: "(.*)"\n *version: (.*)\n *year: (.*)\n',
        (run.ROOT / "mkdocs.yml").read_text(),
    )
    assert in_pages
    assert in_pages.groups() == (about["title"], about["version"], about["date-released"][:4])


def test_top_level_is_what_the_readme_says():
    assert {name.split("/")[0] for name in tracked()} <= TOP


def test_the_engine_is_not_shipped():
    assert PROJECT["tool"]["setuptools"]["packages"] == [
        "infonce",
        "infonce.train",
        "infonce.emoji",
    ]
    assert PROJECT["project"]["name"] == "infonce-reference"


def test_pins_carry_no_addresses():
    for line in (run.ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line), line


def lines_of_code(text: str) -> int:
    """Without docstrings, comments and blank lines."""
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            told.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(
        [
            line
            for number, line in enumerate(text.splitlines(), 1)
            if number not in told and line.strip() and not line.strip().startswith("#")
        ]
    )


@pytest.mark.parametrize(("folder", "most"), [("infonce", 1500), ("infonce/train", 2000)])
def test_package_is_readable_in_an_evening(folder, most):
    lines = {p.name: lines_of_code(p.read_text()) for p in (run.ROOT / folder).glob("*.py")}
    assert max(lines.values()) <= 250, lines
    assert sum(lines.values()) <= most, lines
