"""One look for all figures, and one SVG that follows the page from light to dark.

Colours are roles. The cycle gives them by number, so a snippet needs no import to use them:
C0 anchor, C1 positive, C2 negative, C3 temperature, C4 number of pairs N, C5 anything else.
A second sign goes with each: the line style of the cycle, and markers o, ^, s, D, P, .
"""

import html
import io
import itertools
import re
from pathlib import Path

import matplotlib as mpl
from cycler import cycler
from matplotlib import font_manager
from matplotlib.figure import Figure

from . import plotted

FONT = Path(__file__).resolve().parents[2] / "docs" / "assets" / "fonts" / "cl-sans-figures.ttf"
ROLES = {  # the light scheme of docs/assets/css/tokens.css
    "anchor": "#1663c7",
    "positive": "#00785c",
    "negative": "#c23b05",
    "temperature": "#7d2a94",
    "n": "#554400",
    "grey": "#6b675e",
}
NEUTRAL = {"ink-soft": "#5b5850", "line": "#e0dcd1", "line-strong": "#8b867a", "paper": "#fbfaf6"}
FAMILY = "'CL Sans', 'DejaVu Sans', sans-serif"
INK = "#1c1b19"  # what currentColor means where no page says otherwise
MARKERS = ("o", "^", "s", "D", "P", ".")
LINES = ("-", (0, (8, 1.5)), (0, (3.5, 1.6)), (0, (6, 1.6, 1.2, 1.6)), (0, (1.2, 1.6)), "-")
RC = {
    "axes.axisbelow": True,
    "axes.edgecolor": NEUTRAL["line-strong"],
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelpad": 5,
    "axes.prop_cycle": cycler(color=ROLES.values()) + cycler(linestyle=LINES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 13,
    "errorbar.capsize": 3,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "figure.figsize": (6, 3.6),
    "font.family": ["CL Sans", "DejaVu Sans"],
    "font.size": 13,
    "grid.color": NEUTRAL["line"],
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.8,
    "image.cmap": "cividis",
    "image.interpolation": "none",  # pixels are stored once, as they are
    "legend.fontsize": 12,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "mathtext.fontset": "stix",
    "pdf.fonttype": 42,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "infonce",
    "xtick.color": NEUTRAL["line-strong"],
    "xtick.labelcolor": NEUTRAL["ink-soft"],
    "xtick.labelsize": 12,
    "ytick.color": NEUTRAL["line-strong"],
    "ytick.labelcolor": NEUTRAL["ink-soft"],
    "ytick.labelsize": 12,
}


def style() -> None:
    """Make every figure that is drawn from here on look like this site."""
    mpl.use("Agg")
    _look()


def in_notebook(name: str) -> None:
    """The same in a notebook's kernel, which shows figures as they stand inside a page."""
    from IPython.core.getipython import get_ipython

    shell, number = get_ipython(), itertools.count(1)
    assert shell is not None
    shell.run_line_magic("matplotlib", "inline")
    _look()

    def shown(fig: Figure) -> str:
        drawing = _themed(_drawn(fig, f"{name}-{next(number)}"))
        return f'<div style="max-width: 32rem">{drawing}</div>'

    formatters = shell.display_formatter.formatters
    for formatter in formatters.values():
        formatter.pop(Figure, None)
    formatters["text/html"].for_type(Figure, shown)


def _look() -> None:
    font_manager.fontManager.addfont(FONT)
    mpl.rcdefaults()
    mpl.rcParams.update(RC)


def save(fig: Figure, name: str, folder: Path) -> str:
    """Write `name.svg`, `name.pdf` and `name.csv`; return the SVG that stands inside a page.

    The files have plain colours and read well on white anywhere; the returned one takes its
    colours from the page. Saving the same figure again gives the same bytes.
    """
    drawing = _drawn(fig, name)
    fig.savefig(folder / f"{name}.pdf", metadata={"CreationDate": None})
    (folder / f"{name}.svg").write_text(drawing, encoding="utf-8")
    (folder / f"{name}.csv").write_text(plotted.table(fig), encoding="utf-8")
    return _themed(drawing)


def _drawn(fig: Figure, name: str) -> str:
    for ax in fig.axes:
        if ax.images:  # matplotlib would draw the grid on top of them
            ax.grid(False)
    with io.StringIO() as buffer:
        fig.savefig(buffer, format="svg", metadata={"Date": None})
        return _accessible(buffer.getvalue(), name, plotted.title(fig), plotted.describe(fig))


def _accessible(svg: str, name: str, title: str, words: str) -> str:
    """Title, description, own ids, the page's fonts; no size but the shape of its view box."""
    svg = re.sub(r"<!--.*?-->\s*|<(metadata|style)\b.*?</\1>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r'fill="(#\w{6})"', r'style="fill: \1"', svg)  # hatches; var() needs a style
    svg = svg.replace("#000000", "currentColor")
    svg = re.sub(r"; font-family: 'CL Sans'(, '[^']*')*", "", svg)  # inherited from the root
    svg = re.sub(r"(italic[^\"]*)'STIX\w+'", r"\1'CL Serif', STIXGeneral, serif", svg)
    svg = re.sub(r"'STIX\w+'", "'STIX Two Math', STIXGeneral, serif", svg)
    box = re.search(r'viewBox="[^"]+"', svg)
    assert box is not None
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{box.group()} color="{INK}" fill="currentColor" stroke-linejoin="round" '
        f'font-family="{FAMILY}" role="img" '
        f'aria-labelledby="{name}-title" aria-describedby="{name}-desc">\n'
        f' <title id="{name}-title">{html.escape(title)}</title>\n'
        f' <desc id="{name}-desc">{html.escape(words)}</desc>\n'
    )
    return head + svg[svg.index(">", svg.index("<svg")) + 1 :].lstrip()


def _themed(svg: str) -> str:
    """The palette as CSS variables, each with its light colour for want of a stylesheet."""
    for token, colour in (ROLES | NEUTRAL).items():
        svg = svg.replace(colour, f"var(--cl-{token}, {colour})")
    return svg
