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
EQUATIONS = {e.snippet: anchor for anchor, e in registry.equations().items()}

# snippet -> what its `compute` section calls the number that the package's `package` repeats
SAME = {
    "info_nce": lambda n: n["loss"],
    "classification": lambda n: n["as_margins"],
    "nt_xent": lambda n: n["loss"],
    "loss_floor": lambda n: n["triangle"],
    "gradient_forces": lambda n: n["ds"][None],
    "temperature_weights": lambda n: n["n_eff"],
    "temperature_limits": lambda n: [n["loss"](s, n["s_neg"], 0.1) for s in (0.8, 0.3)],
    "clip": lambda n: n["loss"],
}


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
    mine = np.array(SAME[name](names), dtype=float)
    run_text(SOURCES[name].section("package"), names)
    theirs = names["package"].detach().numpy()
    np.testing.assert_allclose(theirs, mine, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", SOURCES)
def test_snippet_has_one_idea(name):
    """A title, sections that are closed, no global seed, names in the site's notation."""
    parsed = SOURCES[name]
    assert parsed.title
    assert parsed.sections
    assert not re.search(r"torch\.manual_seed|np\.random\.seed", parsed.text)
    functions = [n for n in parsed.tree.body if isinstance(n, ast.FunctionDef)]
    assert [f.name for f in functions].count("figure") == 1


def test_every_snippet_is_on_a_page():
    pages = "".join(
        p.read_text() for p in (run.ROOT / "docs").rglob("*.md") if "code" not in p.parts
    )
    lost = [
        name
        for name in SOURCES
        if name not in EQUATIONS and not re.search(rf"\[\[(figure|output) {name}\b", pages)
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
