"""Numbers that prose may type, and a list of those it does: `python -m tests.typed` writes it.

Everything else comes from a run. What is typed was read at its source once; the list keeps a slip
of the keyboard from changing it.
"""

import copy
import re
from pathlib import Path

from bs4 import BeautifulSoup

LIST = Path(__file__).with_name("typed.txt")

PATTERNS = {  # a pattern, and the reason
    r"\b(18|19|20)\d\d\b": "years of papers and licences",
    r"\b(Eq\.|Section|Theorem|Figure|Algorithm|Table|[Vv]ersion) \d+(\.\d+)*": "places in papers",
    r"\b\d+\.\d+\.\d+\b": "version numbers",
    r"CC BY(-SA)? \d\.\d": "a licence",
    r"Apache[ -]\d\.\d": "a licence",
    r"Python \d\.\d+|Unicode( License)? V?\d": "names of versions",
    r"STIX Two": "a name",
    r"32 [x×] 32 pixels": "the size of the emoji sheets, in their attribution",
    r"95% (confidence|intervals?)": "the level of every interval here",
    r"\b(issue|pull request|discussion) \d+": "threads of public projects",
    r"log\(2N − 1\)|A similarity of 0\.3 is a match of 30%|Uniformity of −4": "quoted sayings",
    r"limit of 100": "CLIP's constant, with its source in the same sentence",
}
# Pages whose text is not prose of ours, and why.
UNSCANNED = {
    "code/": "listings: the code that ran, and its output",
    "labs/": "notebooks: what ran, and its output",
    "reference/api/": "docstrings, with doctests",
    "reference/distributed/": "docstrings, with doctests",
    "reference/training/": "docstrings, with doctests",
    "reference/numpy/": "docstrings, with doctests",
    "reference/data/": "licences, in the words of their authors",
}


def prose(page: BeautifulSoup) -> str:
    """The text of an article without code, formulas, figures and computed values."""
    article = copy.copy(page.find("article"))
    for element in article.select(
        "pre, code, math, svg, script, style, .cl-value, .headerlink, .cl-cite, .md-source-file,"
        " .clipboard-copy-txt"  # the code of a lab once more
    ):
        element.replace_with(" ")
    return article.get_text(" ")


def scanned(pages: dict[str, BeautifulSoup]) -> dict[str, str]:
    """The text of every page that is prose of ours, by its address."""
    left = tuple(UNSCANNED)
    return {n: prose(page) for n, page in sorted(pages.items()) if not n.startswith(left)}


def found(texts: dict[str, str]) -> list[str]:
    """For each text, by its address: the numbers that it types, in their order."""
    lines = []
    for name, text in texts.items():
        hits = []
        for pattern in PATTERNS:
            hits += [(m.start(), " ".join(m[0].split())) for m in re.finditer(pattern, text)]
            text = re.sub(pattern, lambda m: " " * len(m[0]), text)
        lines.append(f"{name}: {'; '.join(hit for _, hit in sorted(hits))}".rstrip())
    return lines


def pages(site: Path) -> dict[str, BeautifulSoup]:
    """Every page of the built site, parsed, by its address below the base."""
    return {
        str(path.parent.relative_to(site)).replace(".", "", 1).lstrip("/") + "/": BeautifulSoup(
            path.read_text(encoding="utf-8"), "html.parser"
        )
        for path in site.rglob("index.html")
    }


if __name__ == "__main__":
    there = found(scanned(pages(Path(__file__).parents[1] / "site")))
    LIST.write_text("".join(f"{line}\n" for line in there), encoding="utf-8")
