"""The Markdown extension that puts results into pages.

In prose, `[[snippet.key:.3f]]` becomes the value, linked to the line that computed it. On a line
of its own, `[[card eq-...]]`, `[[figure name | caption]]`, `[[output name.section]]` and
`[[widget cl-...]]` become blocks. `$...$` and `$$...$$` become MathML. Whatever is unknown stops
the build.
"""

import html
import re
import xml.etree.ElementTree as etree
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from . import cards, maths, registry, results, widgets

BLOCK = re.compile(
    r"^\[\[(card|figure|output|widget|symbols|equations|papers|api)"
    r"(?: +([\w.-]+))?(?: *\| *(.*))?\]\]$"
)
VALUE = r"\[\[(\w+)\.(\w+)(?::([^\[\]]+))?\]\]"
HOLE = re.compile(r'<div data-figure="(\w+)"></div>')
CARD = re.compile(r'<(section|cl-eq)\b[^>]* data-symbols="([\w ]*)".*?</\1>', re.DOTALL)
TOKEN = re.compile(r'<span class="(n|nb|nn|nf|na|fm|py)">(\w+)</span>')


def shown(value: Any, spec: str | None) -> str:
    """A value as prose shows it: a real minus sign, and the format the page asks for."""
    text = format(value, spec or "")
    return text.replace("-", "−") if not isinstance(value, str) else text


class _Blocks(Preprocessor):
    def __init__(self, md: Markdown, site_url: str) -> None:
        super().__init__(md)
        self.site_url = site_url

    def run(self, lines: list[str]) -> list[str]:
        done: list[str] = []
        for line in lines:
            match = BLOCK.match(line)
            done += self._expand(*match.groups()).split("\n") if match else [line]
        return done

    def _expand(self, kind: str, name: str | None, caption: str | None) -> str:
        match kind, name:
            case "symbols", None:
                return cards.symbol_table(list(registry.symbols()))
            case "equations", None:
                return cards.equation_list()
            case "papers", None:
                return cards.paper_list()
            case "api", str():
                return cards.api(name)
            case "card", str():
                return cards.card(name, self.site_url)
            case "figure", str():
                return cards.figure(name, caption or "")
            case "widget", str():
                return widgets.widget(name, caption)
            case "output", str():
                return f"\n{cards.output(*name.split('.'))}\n"
        raise registry.RegistryError(f"[[{kind} ...]] needs a name, or must not have one")


class _Values(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:
        name, key, spec = m.groups()
        value, line = results.value(name, key), results.result(name)["lines"][key]
        link = etree.Element("a", {"class": "cl-value", "href": f"/code/{name}.md#L{line}"})
        link.set("title", f"computed in snippets/{name}.py, line {line}")
        link.text = shown(value, spec)
        return link, m.start(0), m.end(0)


class _Unknown(InlineProcessor):
    """Whatever else stands in double brackets, outside code, is a slip."""

    def handleMatch(self, m: re.Match[str], data: str) -> None:
        raise registry.RegistryError(f"{m.group(0)} is no value and no block that this site knows")


class _Maths(Treeprocessor):
    """Formulas as arithmatex left them, `\\(...\\)` and `\\[...\\]`, to MathML."""

    def run(self, root: etree.Element) -> None:
        assert self.md is not None
        for element in root.iter():
            if element.get("class") == "arithmatex":
                text = html.unescape(element.text or "").strip()
                display = text.startswith(r"\[")
                element.set("class", "cl-display" if display else "cl-inline")
                if display:
                    element.set("tabindex", "0")
                mathml = maths.convert(text[2:-2], display=display)
                element.text = self.md.htmlStash.store(mathml)


class _Finish(Postprocessor):
    """Figures into their places; on cards, the names of symbols onto the tokens of code."""

    def run(self, text: str) -> str:
        text = HOLE.sub(lambda hole: results.inline_figure(hole[1]), text)
        return CARD.sub(_mark_code, text)


def _mark_code(card: re.Match[str]) -> str:
    symbols = [registry.symbols()[name] for name in card[2].split()]
    named = {code: symbol for symbol in symbols for code in symbol.code}

    def mark(token: re.Match[str]) -> str:
        kind, name = token.groups()
        if name not in named:
            return token[0]
        return f'<span class="{kind}"{maths.attributes(named[name])}>{name}</span>'

    return TOKEN.sub(mark, card[0])


class Results(Extension):
    """Everything above, in the order in which Python-Markdown has to meet it."""

    def __init__(self, **settings: Any) -> None:
        self.config = {"site_url": ["", "public address of the site, for the cite blocks"]}
        super().__init__(**settings)

    def extendMarkdown(self, md: Markdown) -> None:
        md.block_level_elements.extend(widgets.names())  # so that Markdown works inside them
        results.forget()
        registry.forget()
        md.preprocessors.register(_Blocks(md, self.getConfig("site_url")), "cl-blocks", 40)
        md.inlinePatterns.register(_Values(VALUE, md), "cl-values", 185)
        md.inlinePatterns.register(_Unknown(r"\[\[[^\]]*\]\]", md), "cl-unknown", 184)
        md.treeprocessors.register(_Maths(md), "cl-maths", 15)
        md.postprocessors.register(_Finish(md), "cl-finish", 5)


def makeExtension(**settings: Any) -> Results:
    """Python-Markdown's entry point."""
    return Results(**settings)
