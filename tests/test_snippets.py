"""Snippets: they run alone, they agree with the package, and they follow it when it changes."""

import ast
import contextlib
import io
import re
import sys

import numpy as np
import pytest

from snippets._engine import registry, run, source

SOURCES = {path.stem: source.read(path) for path in run.snippet_paths()}
EQUATIONS = {e.snippet: e for e in registry.equations().values()}


def run_text(text: str, names: dict) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(text, "<section>", "exec"), names)
    return out.getvalue()


@pytest.mark.parametrize("name", EQUATIONS)
def test_copied_section_runs_without_the_package(name, monkeypatch):
    """What the copy button copies needs NumPy or torch, and nothing of ours."""
    for module in [m for m in sys.modules if m.split(".")[0] == "infonce"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "infonce", None)  # importing it now raises
    with pytest.raises(ImportError):
        run_text("import infonce", {})
    text = SOURCES[name].section("compute")
    assert len(text.splitlines()) <= 40
    assert run_text(text, {"__name__": name}).strip()


@pytest.mark.parametrize("name", EQUATIONS)
def test_section_and_package_give_the_same_number(name):
    names: dict = {"__name__": name}
    run_text(SOURCES[name].section("compute"), names)
    mine = np.array(eval(EQUATIONS[name].number, names), dtype=float)
    second = EQUATIONS[name].second
    run_text(SOURCES[name].section(second), names)
    theirs = names["package" if second == "package" else "in_torch"].detach().numpy()
    np.testing.assert_allclose(theirs, mine, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", SOURCES)
def test_snippet_has_one_idea(name):
    """A title, sections that are closed, no global seed, names in the site's notation."""
    parsed = SOURCES[name]
    assert parsed.title
    assert parsed.sections
    assert not re.search(r"torch\.manual_seed|np\.random\.seed", parsed.text)
    assert "lstsq" not in parsed.text, "its last bits depend on where its memory lies"
    functions = [n for n in parsed.tree.body if isinstance(n, ast.FunctionDef)]
    assert [f.name for f in functions].count("figure") == 1


def test_every_snippet_is_on_a_page():
    pages = "".join(
        p.read_text() for p in (run.ROOT / "docs").rglob("*.md") if "code" not in p.parts
    )
    lost = [
        name
        for name in SOURCES
        if name not in EQUATIONS
        and not re.search(rf'\[\[(figure|output) {name}\b|data-figure="{name}"', pages)
    ]
    assert not lost


def test_every_registered_test_file_exists():
    for equation in registry.equations().values():
        for test in equation.tests:
            assert (run.ROOT / test.split("::")[0]).is_file(), test


def test_mutations_are_up_to_date():
    """At least twenty deliberate errors, each applicable, each with a test that exists."""
    import tomllib

    mutations = tomllib.loads((run.ROOT / "tests/mutations.toml").read_text())["mutation"]
    assert len(mutations) >= 20
    assert {m["file"].split("/")[0] for m in mutations} == {"infonce", "snippets", "docs"}
    for mutation in mutations:
        text = (run.ROOT / mutation["file"]).read_text()
        assert text.count(mutation["before"]) == 1, mutation["what"]
        file, _, name = mutation["test"].partition("::")
        assert f"def {name}" in (run.ROOT / file).read_text(), mutation["test"]
