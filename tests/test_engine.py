"""The engine: what it refuses, what it repeats, what it leaves alone."""

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import markdown
import pytest

from snippets._engine import extension, maths, registry, results, run, source, wheel

SNIPPET = '''
"""A number."""

# --8<-- [start:compute]
import infonce
import torch

tau = 0.5
z = torch.eye(4)
loss = infonce.nt_xent(z, z, temperature=tau)
print(f"{loss:.4f}")
# --8<-- [end:compute]
plain = 2 * tau
VALUES = {"tau": tau, "loss": loss, "plain": plain}
'''


@pytest.fixture
def snippet(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "one.py"
        path.write_text(textwrap.dedent(text).lstrip())
        return path

    return write


def test_values_lines_sections_and_dependence(snippet, tmp_path):
    path = snippet(SNIPPET)
    parsed = source.read(path)
    assert parsed.value_lines == {"tau": 7, "loss": 9, "plain": 12}
    assert parsed.from_package == {"loss"}
    folder = tmp_path / "result"
    folder.mkdir()
    result = run.run_snippet(path, folder)
    assert result["values"]["tau"] == 0.5
    assert result["sections"]["compute"] == result["stdout"] == f"{result['values']['loss']:.4f}\n"


@pytest.mark.parametrize("value", ["0.5", "-0.5", "1 / 3", "'text'", "[1, 2][0]", "float(0.2)"])
def test_a_literal_value_is_refused(snippet, value):
    with pytest.raises(source.SnippetError, match="is a literal"):
        source.read(snippet(f'"""A."""\nVALUES = {{"a": {value}}}\n'))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1\n", "docstring"),
        ('"""A."""\n# --8<-- [start:a]\n', "never closed"),
        ('"""A."""\n# --8<-- [end:a]\n', "closed twice"),
        ('"""A."""\nx = 1\nVALUES = dict(x=x)\n', "dict display"),
    ],
)
def test_malformed_snippets_are_refused(snippet, text, complaint):
    with pytest.raises(source.SnippetError, match=complaint):
        source.read(snippet(text))


@pytest.mark.parametrize("value", ["float('nan')", "float('inf')", "[1, 2]", "None"])
def test_values_that_are_not_one_number_are_refused(snippet, tmp_path, value):
    with pytest.raises(source.SnippetError, match="one finite number"):
        run.run_snippet(snippet(f'"""A."""\nx = {value}\nVALUES = {{"x": x}}\n'), tmp_path)


def test_same_source_same_bytes(tmp_path):
    """Twice the same snippet: the same result and the same figure, byte for byte."""
    made = []
    for attempt in ("one", "two"):
        folder = tmp_path / attempt
        folder.mkdir()
        run.run_snippet(run.SNIPPETS / "temperature_weights.py", folder)
        made.append({f.name: f.read_bytes() for f in folder.iterdir()})
    assert made[0] == made[1]
    assert len(made[0]) == 5


@pytest.fixture
def clone(tmp_path):
    """A project of two snippets and one page, with the real engine and package."""
    root = tmp_path / "clone"
    for folder in ("snippets/_engine", "infonce", "docs/assets/fonts"):
        shutil.copytree(
            run.ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in (*wheel.FILES, "CITATION.cff"):
        shutil.copy(run.ROOT / name, root / name)
    (root / "docs" / "equations.toml").write_text("[symbols]\n[equations]\n")
    for name in ("first", "second"):
        (root / "snippets" / f"{name}.py").write_text(SNIPPET.lstrip())
    return root


def execute(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "snippets._engine", "execute"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def test_only_what_changed_runs_again_and_failures_stop(clone):
    assert execute(clone).returncode == 0
    times = {p.name: p.stat().st_mtime_ns for p in (clone / ".cache/results").iterdir()}
    assert len(times) == 2
    second = clone / "snippets" / "second.py"
    second.write_text(second.read_text().replace("0.5", "0.25"))
    first = next(p for p in (clone / ".cache/results").glob("snippets.first.*"))
    made = (first / "result.json").stat().st_mtime_ns
    assert execute(clone).returncode == 0
    after = {p.name for p in (clone / ".cache/results").iterdir()}
    assert len(after - times.keys()) == 1  # the second has a new result
    assert (first / "result.json").stat().st_mtime_ns == made  # the first was left alone
    second.write_text(second.read_text() + "\n1 / 0\n")
    failed = execute(clone)
    assert failed.returncode == 1
    assert "ZeroDivisionError" in failed.stderr
    assert f'second.py", line {len(second.read_text().splitlines())}' in failed.stderr
    assert (clone / ".cache/results").exists()


def test_a_result_of_changing_sources_is_thrown_away(clone):
    """The package changes while a snippet runs: what it gave belongs to neither state."""
    losses = clone / "infonce" / "losses.py"
    first = clone / "snippets" / "first.py"
    meddle = f"""
import pathlib
losses = pathlib.Path({str(losses)!r})
flag = pathlib.Path({str(clone / "once")!r})
if not flag.exists():  # on the first run: a package that changes just before it is imported
    flag.touch()
    losses.write_text(losses.read_text().replace("threshold=40)", "threshold=40) + 1"))
"""
    first.write_text(first.read_text().replace("import infonce\n", meddle + "import infonce\n", 1))
    assert execute(clone).returncode == 0
    values = [
        json.loads((folder / "result.json").read_text())["values"]["loss"]
        for folder in (clone / ".cache/results").iterdir()
    ]
    assert len(values) == 2
    assert values[0] == values[1]  # both saw the package as it is now


def rendered(text: str) -> str:
    return markdown.markdown(text, extensions=["attr_list", extension.makeExtension()])


def test_value_in_prose_is_a_link_to_its_line():
    line = results.result("info_nce")["lines"]["loss"]
    value = results.value("info_nce", "loss")
    html = rendered("The loss is [[info_nce.loss:.3f]] nats.")
    assert f">{value:.3f}</a>" in html
    assert f'href="/code/info_nce.md#L{line}"' in html
    assert rendered("`[[info_nce.loss]]`") == "<p><code>[[info_nce.loss]]</code></p>"
    assert "−" in rendered("[[clip.slope:.1f]]")


@pytest.mark.parametrize(
    "text",
    [
        "[[info_nce.unheard_of]]",
        "[[unheard_of.loss]]",
        "[[card eq-unheard-of]]",
        "[[figure unheard_of | caption]]",
        "[[output info_nce.unheard_of]]",
        "[[card]]",
        "[[info-nce.loss:.3f]]",
        "[[ info_nce.loss ]]",
        "[[carrd eq-clip]]",
        "text [[card eq-clip]]",
        "* [[figure clip | x]]",
    ],
)
def test_unknown_names_stop_the_build(text):
    with pytest.raises((results.UnknownResult, registry.RegistryError)):
        rendered(text)


def test_unknown_latex_stops_the_build():
    with pytest.raises(maths.MathsError, match="unheardof"):
        maths.convert(r"\unheardof{x}")


def test_symbols_are_marked_once():
    mathml = maths.convert(r"e^{s_+/\tau} + s_k")
    assert mathml.count('data-sym="s_pos" data-role="positive"') == 1
    assert mathml.count('data-sym="tau" data-role="temperature"') == 1
    assert mathml.count('data-sym="s_neg"') == 1
    assert 'data-sym="s"' not in mathml


def test_registry_refuses_missing_and_unknown_fields(monkeypatch):
    table = {"latex": ["x"], "meaning": "m", "unit": "u", "code": []}
    with pytest.raises(registry.RegistryError, match="lacks unit"):
        registry._entry(
            registry.Symbol, "symbols.x", {k: table[k] for k in table if k != "unit"}, name="x"
        )
    with pytest.raises(registry.RegistryError, match="unknown colour"):
        registry._entry(registry.Symbol, "symbols.x", table | {"colour": "red"}, name="x")
