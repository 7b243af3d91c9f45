"""The sources of the pages: their doctests, and that each number shown is pinned by a claim."""

import doctest
import json
import re

import pytest

from snippets._engine import cards, extension, registry, results, run
from tests.claims import CLAIMS

DOCS = run.ROOT / "docs"
PAGES = sorted(p for p in DOCS.rglob("*.md") if not {"code", "fonts"} & set(p.parts))
README = run.ROOT / "README.md"
SHOWN = re.compile(extension.VALUE)


def used() -> dict[tuple[str, str], set[str]]:
    """(snippet, key) of every value that a page shows -> the formats it is shown in."""
    found: dict[tuple[str, str], set[str]] = {}
    texts = [page.read_text(encoding="utf-8") for page in [*PAGES, registry.FILE]]
    for match in SHOWN.finditer("\n".join(texts)):
        name, key, spec = match.groups()
        found.setdefault((name, key), set()).add(spec or "")
    return found


# Pages that argue nothing of their own, and why.
HUBS = {
    "index.md": "shows what is argued elsewhere",
    "play.md": "the interactives of other pages, together",
    "angles/index.md": "leads to the angles",
    "papers/index.md": "a table made from the cards",
}
PARTS = {  # part -> how it looks in the page's source, a pattern whose dot takes line ends
    "what you will be able to do": r"\A(?:(?!\n## ).)*By the end of this page",
    "prerequisites": r"\A(?:(?!\n## ).)*\b[Yy]ou\s+need",
    "true, sometimes true": r"\n## [^\n]*\{ #(?:verdict|true) \}\n.*\b[Ss]ometimes true",
    "key points": r"\n## Key points \{ #key-points \}\n\n- ",
    "exercises": r"\n## Exercises \{ #exercises \}\n",
    "sources": r"\n## Sources \{ #sources \}\n.*https://",
}
WHOLE = [
    p
    for p in PAGES
    if str(p.relative_to(DOCS)) not in HUBS
    and p.relative_to(DOCS).parts[0] not in ("reference", "widgets")
]


@pytest.mark.parametrize("page", WHOLE, ids=lambda p: str(p.relative_to(DOCS)))
def test_page_has_all_its_parts(page):
    text = page.read_text(encoding="utf-8")
    lacking = [part for part, how in PARTS.items() if not re.search(how, text, re.DOTALL)]
    assert not lacking


@pytest.mark.parametrize("page", [*PAGES, README], ids=lambda p: str(p.relative_to(run.ROOT)))
def test_doctests_of_the_page(page):
    text = page.read_text(encoding="utf-8").replace("```", "")
    examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert "+SKIP" not in text
    assert "+ELLIPSIS" not in text
    report: list[str] = []
    failed, _ = doctest.DocTestRunner().run(examples, out=report.append)
    assert not failed, "".join(report)


@pytest.mark.parametrize("value", sorted(used()), ids=".".join)
def test_shown_value_is_pinned_and_right(value):
    """No number on a page without a claim, and every claim holds."""
    name, key = value
    assert key in CLAIMS.get(name, {}), f"tests/claims/ says nothing about {name}.{key}"
    CLAIMS[name][key](results.value(name, key), used()[value])


def test_trained_results_read_as_recorded():
    """To the digit shown, where the processor rounds as it did for tests/trained.json."""
    from tests import trained

    record = json.loads(trained.RECORD.read_text())
    if trained.rounding() != record["rounding"]:
        pytest.skip("this processor rounds differently: ranges alone pin what is trained")
    changed = "trained results moved: if that was meant, python -m tests.trained"
    assert trained.shown() == record["shown"], changed


def test_no_claim_without_a_page():
    pinned = {(name, key) for name, keys in CLAIMS.items() for key in keys}
    assert pinned == set(used())


# a surname, perhaps others, and a year
NAMED = re.compile(
    r"(?<![\w-])([A-Z]\w+)(?:,? (?:[A-Z][\w-]+,? )*(?:and|&) [A-Z][\w-]+| et al\.)? (\d{4})\b"
)


def test_the_bibliography_lists_every_cited_paper_once():
    """Papers of the pages, the cards and the docstrings, by their number on arXiv."""
    listed = DOCS / "reference" / "bibliography.md"
    written = [*PAGES, registry.FILE, *(run.ROOT / "infonce").rglob("*.py")]
    number = re.compile(r"arxiv(?:\.org/\w+/|[\s:]+)(\d{4}\.\d{4,5})", re.IGNORECASE)
    cited = {n for path in written if path != listed for n in number.findall(path.read_text())}
    entries = number.findall(listed.read_text())
    assert len(entries) == len(set(entries)), "an entry stands twice"
    assert not cited - set(entries), "cited and not in docs/reference/bibliography.md"
    sources = (path.read_text().split("Source:\n")[1:] for path in run.ROOT.glob("infonce/**/*.py"))
    sentences = (text.split("\n\n")[0] for texts in sources for text in texts)
    named = {pair for text in sentences for pair in NAMED.findall(text)}
    papers = listed.read_text().split("\n- ")
    missing = [(n, y) for n, y in named if not any(n in paper and y in paper for paper in papers)]
    assert len(named) > 20
    assert not missing


def test_public_names_have_source_and_example():
    """Every public function: a docstring with its source and a doctest (classes may only hold)."""
    import importlib
    import inspect

    for module in cards.API_PAGES:
        loaded = importlib.import_module(module)
        for name in cards.public_names(module):
            thing = getattr(loaded, name)
            if not inspect.isfunction(thing):
                continue
            text = inspect.getdoc(thing) or ""
            assert ">>>" in text, f"{module}.{name} has no example"
            if name != "data_checks":  # a switch has no paper
                assert "Source:" in text, f"{module}.{name} has no source"
            assert "+SKIP" not in text
