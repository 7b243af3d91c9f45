"""LaTeX to MathML at build time, each known symbol marked with the name that code uses for it."""

import html
import re
from functools import cache

import math_core

from .registry import Symbol, symbols


class MathsError(Exception):
    """LaTeX that the converter does not know; the message shows it."""


_CONVERTER = math_core.LatexToMathML(fancy_error=False)
_WRAPPED = re.compile(r"^<math[^>]*>(.*)</math>$", re.DOTALL)


@cache
def convert(latex: str, *, display: bool = False) -> str:
    """MathML for one formula, readable aloud through its LaTeX where MathML is not."""
    mathml = _raw(latex, display)
    marked: list[str] = []  # set aside, so that a part of a symbol is not marked again
    for fragment, symbol in _fragments():
        if fragment in mathml:
            mathml = mathml.replace(fragment, f"\x02{len(marked)}\x03")
            marked.append(_mark(fragment, symbol))
    mathml = re.sub("\x02(\\d+)\x03", lambda hole: marked[int(hole[1])], mathml)
    return mathml.replace("<math", f'<math alttext="{html.escape(latex.strip())}"', 1)


def _raw(latex: str, display: bool) -> str:
    try:
        mathml = _CONVERTER.convert_with_local_state(latex.strip(), displaystyle=display)
    except math_core.LatexError as error:
        raise MathsError(f"{error} in the formula {latex.strip()!r}") from None
    return mathml.replace("&ApplyFunction;", "\u2061").replace("\ufe00", "").replace("\ufe01", "")


@cache
def _fragments() -> list[tuple[str, Symbol]]:
    """What each symbol's LaTeX becomes inside a formula, the longest first."""
    pairs = []
    for symbol in symbols().values():
        for latex in symbol.latex:
            body = _WRAPPED.match(_raw(latex, display=False))
            assert body is not None
            pairs.append((body.group(1), symbol))
    return sorted(pairs, key=lambda pair: -len(pair[0]))


def _mark(fragment: str, symbol: Symbol) -> str:
    """The fragment with data-sym on its outer tag."""
    tag_end = min(fragment.index(c) for c in " >" if c in fragment)
    return f"{fragment[:tag_end]}{attributes(symbol)}{fragment[tag_end:]}"


def attributes(symbol: Symbol) -> str:
    """The attributes that tie formula, code and table to one symbol."""
    role = f' data-role="{symbol.role}"' if symbol.role else ""
    return f' data-sym="{symbol.name}"{role}'
