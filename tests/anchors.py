"""Anchors of the built site and those promised: `python -m tests.anchors` adds what is new."""

import re
from pathlib import Path

from bs4 import BeautifulSoup

LIST = Path(__file__).with_suffix(".txt")
PASSING = re.compile(r"code/|labs/|.*#(__|L\d|.*-(title|desc)$)")  # no reader links to these


def listed() -> set[str]:
    """What readers may have linked to, as `page/#anchor`."""
    return set(LIST.read_text(encoding="utf-8").split())


def found(name: str, page: BeautifulSoup) -> set[str]:
    """Anchors of headings, definitions and figures of one page, and the page itself."""
    marked = page.select("article :is(h1, h2, h3, h4, dfn, figure)[id]")
    anchors = {name, *(f"{name}#{e['id']}" for e in marked)}
    return {a.lstrip("/") or "index" for a in anchors if not PASSING.match(a.lstrip("/"))}


def main() -> None:
    site = LIST.parents[1] / "site"
    anchors = listed() if LIST.exists() else set()
    for path in site.rglob("index.html"):
        name = path.parent.relative_to(site).as_posix().replace(".", "", 1) + "/"
        anchors |= found(name, BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"))
    LIST.write_text("".join(f"{a}\n" for a in sorted(anchors)), encoding="utf-8")


if __name__ == "__main__":
    main()
