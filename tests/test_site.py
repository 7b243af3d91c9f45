"""The built site, read as files: nothing missing, nothing foreign, nothing unowned."""

import gzip
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

from snippets._engine import cards, registry, results
from tests import anchors, typed
from tests.test_pages import used

LIMIT = 120_000  # bytes of one page, compressed, with its figures
HERE = "https://example.org/base/"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, BeautifulSoup]:
    return typed.pages(site)


@pytest.fixture(scope="module")
def texts(pages) -> dict[str, str]:
    return typed.scanned(pages)


def test_links_and_anchors_lead_somewhere(site, pages):
    ids = {name: {e["id"] for e in page.find_all(id=True)} for name, page in pages.items()}
    missing = []
    for name, page in pages.items():
        for tag, attribute in (("a", "href"), ("img", "src"), ("script", "src"), ("link", "href")):
            for element in page.find_all(tag, **{attribute: True}):
                url = urljoin(HERE + name.lstrip("/"), element[attribute])
                if not url.startswith(HERE) or element.get("rel") == ["canonical"]:
                    continue
                parts = urlsplit(url)
                target = site / unquote(parts.path.removeprefix("/base/"))
                file = target / "index.html" if target.is_dir() else target
                if not file.is_file():
                    missing.append(f"{name}: {element[attribute]}")
                elif parts.fragment and file.suffix == ".html":
                    key = str(file.parent.relative_to(site)).replace(".", "", 1) + "/"
                    if unquote(parts.fragment) not in ids[key.lstrip("/") or "/"]:
                        missing.append(f"{name}: {element[attribute]} (anchor)")
    assert not missing, "\n".join(missing)


def test_no_anchor_disappears(pages):
    """Addresses that readers may have kept. A page that moves leaves its anchors somewhere."""
    there = set().union(*(anchors.found(name, page) for name, page in pages.items()))
    assert len(anchors.listed()) > 100
    assert not anchors.listed() - there


def test_nothing_is_loaded_from_elsewhere(site):
    """No page, style or script names another host for something the browser would fetch."""
    loads = re.compile(
        r"<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=[\"']?(?:https?:)?//"
        r"|<link\b(?![^>]*rel=[\"']?canonical)[^>]*\bhref=[\"']?(?:https?:)?//"
        r"|@import\s+[\"'(]|url\(\s*[\"']?(?:https?:)?//"
    )
    found = [
        f"{path.relative_to(site)}: {match[0][:120]}"
        for path in site.rglob("*")
        if path.suffix in (".html", ".css", ".svg")
        for match in loads.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


def test_pages_are_light(site):
    heavy = {
        str(path.relative_to(site)): size
        for path in site.rglob("index.html")
        if (size := len(gzip.compress(path.read_bytes(), 6))) > LIMIT
    }
    assert not heavy
    lab = (site / "labs" / "simclr_digits" / "index.html").read_text(encoding="utf-8")
    styles = sum(len(style) for style in re.findall(r"<style.*?</style>", lab, re.DOTALL))
    assert styles < 100_000
    assert "cdnjs" not in lab
    assert "require.min.js" not in lab


def test_no_macro_is_left_over(pages, texts):
    for name, page in pages.items():
        if not name.startswith("code/"):  # listings of what ran
            assert "[[" not in (texts.get(name) or typed.prose(page)), name
            assert "--8" not in page.find("article").get_text(), name


def test_no_number_in_prose_is_orphaned(texts):
    orphans = []
    for name, text in texts.items():
        for pattern in typed.PATTERNS:
            text = re.sub(pattern, " ", text)
        orphans += [
            f"{name}: ...{text[max(0, m.start() - 40) : m.end() + 20]!r}"
            for m in re.finditer(r"(?<![\w.])\d+(?:[.,]\d+)*", text)
        ]
    assert not orphans, "\n".join(orphans)


def test_what_prose_types_is_what_was_read(texts):
    """Years, equation and table numbers: a second list says the same."""
    listed = typed.LIST.read_text(encoding="utf-8").splitlines()
    assert typed.found(texts) == listed, "read them at the source, then: python -m tests.typed"


def test_pages_show_the_stored_values(pages):
    """Text and line of every computed number in prose, formatted a second time."""
    texts: dict[tuple[str, int], set[str]] = {}
    for (name, key), specs in used().items():
        value, line = results.value(name, key), results.result(name)["lines"][key]
        marks = {} if isinstance(value, str) else {ord("-"): "\N{MINUS SIGN}"}
        there = texts.setdefault((name, line), set())
        there.update(format(value, spec).translate(marks) for spec in specs)
    seen = set()
    for page in pages.values():
        for link in page.select("a.cl-value"):
            name, line = re.search(r"/code/(\w+)/#L(\d+)$", "/" + link["href"]).groups()
            assert link.get_text() in texts[name, int(line)], (name, line)
            seen.add((name, int(line)))
    assert seen == set(texts)


@pytest.mark.parametrize("anchor", registry.equations())
def test_card_is_whole(pages, anchor):
    """Each equation of the registry is on its page, with everything a card has."""
    equation = registry.equations()[anchor]
    address = equation.page.removesuffix(".md") + "/"
    page = pages[address]
    heading = page.find(id=anchor)
    assert heading is not None, f"{address} has lost #{anchor}"
    card = heading.find_parent("section", class_="cl-card")
    assert heading.get_text().startswith(equation.name)
    assert card.select_one(".cl-card__formula math[display=block]")
    assert len(card.select(".cl-symbols tbody tr")) == len(equation.symbols)
    assert (
        card.select_one(".cl-card__source a[href^='https://']")
        or "Derived" in equation.source
        or "Differentiate" in equation.source
    )
    assert len(card.select(".cl-card__code pre")) == 2
    outputs = [o.get_text() for o in card.select(".cl-output pre")]
    assert len(outputs) == 2
    assert (equation.function.split(".")[-1] or "torch") in outputs[1]
    svg = card.select_one("figure svg[role=img]")
    assert svg.find("title").get_text()
    assert len(svg.find("desc").get_text()) > 40
    assert len(card.select(".cl-downloads a[download]")) == 3
    assert card.select_one(".cl-card__limit .cl-value")
    buttons = {b.get_text(): b for b in card.select("button.cl-copy")}
    assert buttons["Copy LaTeX"]["data-copy"].strip() == equation.latex.strip()
    assert f"#{anchor}" in card.select_one(".cl-cite pre").get_text()


def test_figures_of_labs_are_drawn_in_the_colours_of_the_page_and_described(pages):
    labs = {name: page for name, page in pages.items() if name.startswith("labs/")}
    assert len(labs) == 3
    for name, page in labs.items():
        drawings = page.select(".jp-OutputArea svg[role=img]")
        assert any("var(--cl-" in str(drawing) for drawing in drawings), name
        assert not page.select(".jp-OutputArea img"), name
        for drawing in drawings:
            assert drawing.find("title").get_text()
            assert len(drawing.find("desc").get_text()) > 40


def test_symbols_tie_formula_and_code(pages):
    """A card's symbols with names in code are marked in its formula and in its code."""
    for anchor, equation in registry.equations().items():
        card = pages[equation.page.removesuffix(".md") + "/"].find(id=anchor).find_parent("section")
        in_formula = {e["data-sym"] for e in card.select(".cl-card__formula [data-sym]")}
        assert set(equation.symbols) - {"M", "tau", "q", "k", "s_neg"} <= in_formula | {"tau"}
        in_code = {e["data-sym"] for e in card.select(".cl-card__code [data-sym]")}
        assert in_code & set(equation.symbols), anchor
        assert in_code & {"tau", "alpha"} or not {"tau", "alpha"} & set(equation.symbols), anchor


def test_colours_have_a_second_sign(pages):
    roles = {e["data-role"] for e in pages["loss/"].select("[data-role]")}
    assert {"anchor", "positive", "negative", "temperature", "n"} <= roles


def test_pages_can_be_cited(pages):
    """Every page that argues ends with its own reference: title, and the address it is at."""
    for name, page in pages.items():
        if name.startswith(("code/", "reference/")):
            continue
        cite = page.select_one(".cl-cite--page pre").get_text()
        assert f"{name.lstrip('/')}\n}}" in cite.replace("}\n}", "\n}"), name
        assert page.find("h1").get_text(strip=True).rstrip("¶")[:12] in cite or not name.strip("/")


def test_no_page_installs_somebody_elses_package(pages):
    for name, page in pages.items():
        assert not re.search(r"pip install infonce\b(?!-)", page.get_text()), name


def test_every_public_name_has_its_place(pages):
    for module, page in cards.API_PAGES.items():
        for name in cards.public_names(module):
            assert pages[page.removesuffix(".md") + "/"].find(id=f"{module}.{name}"), name
