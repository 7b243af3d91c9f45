"""The Markdown of what a page asks for on a line of its own: a card, a figure, an output."""

import ast
import html
import re
from functools import cache
from pathlib import Path

import yaml

from . import maths, registry, results, run, source


def card(anchor: str, site_url: str) -> str:
    """One equation: name, formula, symbols, source, code and output, figure, limit, cite."""
    if anchor not in registry.equations():
        raise registry.RegistryError(f"docs/equations.toml has no equation {anchor!r}")
    equation = registry.equations()[anchor]
    latex, symbols = html.escape(equation.latex.strip()), " ".join(equation.symbols)
    return f"""
<section class="cl-card" aria-labelledby="{anchor}" data-symbols="{symbols}" markdown>

### {equation.name} {{ #{anchor} }}

<div class="cl-card__formula" tabindex="0">{maths.convert(equation.latex, display=True)}</div>

{symbol_table(equation.symbols)}

<p class="cl-card__source" markdown>**Source.** {equation.source}</p>

<p class="cl-card__conventions" markdown>**Conventions.** {equation.conventions}</p>

<div class="cl-card__code" markdown>

``` python
--8<-- "snippets/{equation.snippet}.py:compute"
```

</div>

{output(equation.snippet, "compute")}

<p class="cl-card__package" markdown>{_second(equation)}</p>

<div class="cl-card__code cl-card__code--package" markdown>

``` python
--8<-- "snippets/{equation.snippet}.py:{equation.second}"
```

</div>

{output(equation.snippet, equation.second)}

{figure(equation.snippet, equation.caption)}

<div class="cl-card__limit" markdown>

**Limit case.** {equation.limit}

</div>

<p class="cl-card__checks" markdown>{_checks(equation)}</p>

<div class="cl-card__actions">
<button class="cl-copy" type="button" data-copy="{latex}">Copy LaTeX</button>
<button class="cl-copy" type="button" data-copy-from=".cl-card__code code">Copy code</button>
<details class="cl-cite"><summary>Cite</summary>
<pre><code>{_bibtex(equation, site_url)}</code></pre></details>
</div>

</section>
"""


def symbol_table(names: list[str]) -> str:
    """The symbols of a card, or all of them: letter, meaning, unit, names in code."""
    rows = []
    for name in names:
        symbol = registry.symbols()[name]
        code = " ".join(
            f"<code{maths.attributes(symbol)}>{html.escape(c)}</code>" for c in symbol.code
        )
        letters = ", ".join(maths.convert(latex) for latex in symbol.latex[:1])
        rows.append(
            f'<tr><td tabindex="0"{maths.attributes(symbol)}>{letters}</td>'
            f'<th scope="row">{_inline(symbol.meaning)}</th>'
            f"<td>{_inline(symbol.unit)}</td><td>{code}</td></tr>"
        )
    return (
        '<div class="cl-table" tabindex="0"><table class="cl-symbols"><thead><tr>'
        '<th scope="col">Symbol</th><th scope="col">Meaning</th>'
        '<th scope="col">Shape, range, unit</th><th scope="col">In code</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def equation_list() -> str:
    """All equations of the site as a table that leads to their cards."""
    rows = [
        f"| [{e.name}](/{e.page}#{anchor}) | {_api_link(e.function)} | "
        f"{_api_link(e.reference)} | [{e.snippet}](/code/{e.snippet}.md) |"
        for anchor, e in registry.equations().items()
    ]
    head = "| equation | torch | NumPy | snippet |\n| --- | --- | --- | --- |\n"
    return "\n" + head + "\n".join(rows) + "\n"


PLACE = re.compile(r"(?:Eq\.|Figure|Section|Theorem|Algorithm|Table) [\w.]*\w")
CITED = re.compile(
    r"(\[[^\]]+ \d{4}\]\(https:[^)]+\)|^[A-Z][\w ]+ \d{4}(?=,))([^\[]*)"
)  # linked or not


def paper_list() -> str:
    """Where each cited paper states an equation of the site: paper, place, card."""
    rows = sorted(
        (
            f"| {paper} | {', '.join(PLACE.findall(rest))} | [{e.name}](/{e.page}#{anchor}) |"
            for anchor, e in registry.equations().items()
            for paper, rest in CITED.findall(e.source)
        ),
        key=lambda row: row.replace("[", ""),
    )
    head = "| paper | place, if the card names one | here |\n| --- | --- | --- |\n"
    return "\n" + head + "\n".join(rows) + "\n"


API_PAGES = {  # module -> the page that shows its public names
    "infonce": "reference/api.md",
    "infonce.distributed": "reference/distributed.md",
    "infonce.reference": "reference/numpy.md",
    "infonce.reference_diagnostics": "reference/numpy.md",
    "infonce.train": "reference/training.md",
}


TOPICS = {  # a package whose public names are shown by topic -> topic -> module
    "infonce": {
        "Losses": "infonce.losses",
        "Scale and queue": "infonce.modules",
        "Large batches": "infonce.caching",
        "Temperature": "infonce.temperature",
        "Gradients in closed form": "infonce.gradients",
        "Diagnosis": "infonce.diagnose",
        "Geometry": "infonce.geometry",
        "Information": "infonce.information",
        "Retrieval": "infonce.retrieval",
        "Checks": "infonce.checks",
    },
    "infonce.train": {
        "Training": "infonce.train.loop",
        "Optimisers": "infonce.train.muon",
        "Tasks": "infonce.train.tasks",
        "Recipes": "infonce.train.recipes",
        "Many trainings as one": "infonce.train.sweep",
        "Encoders": "infonce.train.encoders",
        "Views": "infonce.train.views",
        "Texts": "infonce.train.captions",
        "Evaluation": "infonce.train.evaluation",
        "Probes": "infonce.train.probes",
        "Data": "infonce.train.data",
        "Checkpoints": "infonce.train.checkpoint",
    },
}


def _api_link(function: str) -> str:
    if not function:
        return "in the snippet"
    module, _, name = function.rpartition(".")
    return f"[`{name}`](/{API_PAGES[module]}#{function})"


def api(module: str) -> str:
    """Every public name of a module, for mkdocstrings to fill in; those of a package by topic."""
    topics = TOPICS.get(module, {module: module})
    exported = _listed(module)  # nothing listed: the package passes on all that its modules list
    parts = []
    for title, source_module in topics.items():
        parts.append(f"## {title} {{ #module-{source_module.replace('.', '-')} }}\n")
        names = public_names(source_module)
        parts += [f"::: {module}.{n}\n" for n in names if exported is None or n in exported]
    return "\n".join(parts)


def public_names(module: str) -> list[str]:
    """What a module lists in `__all__`, read without importing it, or what a package passes on."""
    listed = _listed(module)
    if listed is None and module in TOPICS:
        return [name for part in TOPICS[module].values() for name in public_names(part)]
    if listed is None:
        raise source.SnippetError(f"{module} lists no public names in __all__")
    return listed


def _listed(module: str) -> list[str] | None:
    path = run.ROOT / (module.replace(".", "/") + ".py")
    path = path if path.exists() else path.with_suffix("") / "__init__.py"
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    return None


def _inline(text: str) -> str:
    """Text of the registry with $maths$ in it, as HTML."""
    parts = text.split("$")
    return "".join(
        maths.convert(part) if odd % 2 else html.escape(part) for odd, part in enumerate(parts)
    )


def _second(equation: registry.Equation) -> str:
    if equation.function:
        return f"The same number from the package, {_api_link(equation.function)}:"
    return "The same number in torch. It is not in the package: it is short, so copy it."


def _checks(equation: registry.Equation) -> str:
    tests = ", ".join(f"`{test}`" for test in equation.tests)
    literal = "the code above, in NumPy."
    if equation.reference:
        literal = f"{_api_link(equation.reference)} in NumPy."
    return (
        f"**Literal transcription:** {literal} "
        f"**Checked by** {tests}. "
        f"[The whole snippet](/code/{equation.snippet}.md)."
    )


def output(name: str, section: str = "") -> str:
    """What a snippet, or one section of it, printed."""
    result = results.result(name)
    if section and section not in result["sections"]:
        raise results.UnknownResult(f"snippets/{name}.py has no section {section!r}")
    text = result["sections"][section] if section else result["stdout"]
    if not text:
        return ""
    longest = max(map(len, text.splitlines()))
    kind = " cl-output--wide" if longest > 96 else " cl-output--table" if longest > 88 else ""
    return (
        f'<div class="cl-output{kind}"><p class="cl-output__label">Output</p>'
        f'<pre tabindex="0"><code>{html.escape(text.rstrip())}</code></pre></div>'
    )


def figure(name: str, caption: str) -> str:
    """A snippet's figure, its caption and its downloads."""
    results.inline_figure(name)  # raises now rather than when the page is put together
    links = " ".join(
        f"[{kind.upper()}](/figures/{name}.{kind}){{ download }}" for kind in ("svg", "pdf", "csv")
    )
    return f"""
<figure class="cl-figure" id="fig-{name.replace("_", "-")}" markdown>
<div data-figure="{name}"></div>
<figcaption markdown="span">{caption} <span class="cl-downloads">{links} \
[Link](#fig-{name.replace("_", "-")}){{ title="Permanent link to this figure" }}</span></figcaption>
</figure>
"""


@cache
def citation() -> dict[str, str]:
    """CITATION.cff, which a reader's tools read too."""
    return yaml.safe_load((run.ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def _bibtex(equation: registry.Equation, site_url: str) -> str:
    about = citation()
    page = equation.page.removesuffix(".md").removesuffix("index")
    year = str(about["date-released"])[:4]
    return html.escape(
        f"@misc{{infonce-{equation.anchor},\n"
        f"  author = {{{{{about['authors'][0]['name']}}}}},\n"
        f"  title  = {{{equation.name}}},\n"
        f"  note   = {{{about['title']}, version {about['version']}}},\n"
        f"  year   = {{{year}}},\n"
        f"  url    = {{{site_url.rstrip('/')}/{page}{'/' if page else ''}#{equation.anchor}}}\n}}"
    )


def listing(path: Path) -> str:
    """The page of one snippet: every line with an anchor, all values, output and figure."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    parsed, result = source.read(path), results.result(path.stem)
    code = highlight(parsed.text, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    lines = "".join(
        f'<span class="cl-line" id="L{n}"><a class="cl-line__no" href="#L{n}" '
        f'aria-label="line {n}">{n}</a>{line}\n</span>'
        for n, line in enumerate(code.rstrip("\n").split("\n"), 1)
    )
    values = "".join(
        f"| `{key}` | `{value!r}` | [line {result['lines'][key]}](#L{result['lines'][key]}) |\n"
        for key, value in result["values"].items()
    )
    parts = [
        f"---\ntitle: {path.name}\nsearch:\n  exclude: true\n---\n",
        f"# `{path.name}` {{ .cl-code-title }}\n\n{parsed.title}.\n",
        f'<div class="cl-listing highlight"><pre tabindex="0"><code>{lines}</code></pre></div>\n',
        output(path.stem),
    ]
    if values:
        parts.append(
            f"## Values {{ #values }}\n\n| key | value | from |\n| --- | --- | --- |\n{values}"
        )
    if result["figure"]:
        parts.append("## Figure { #figure }\n" + figure(path.stem, f"{parsed.title}."))
    return "\n".join(parts)
