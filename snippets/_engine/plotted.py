"""What a figure shows, read back from it: a table of its data and a description in words."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import (
    FillBetweenPolyCollection,
    LineCollection,
    PathCollection,
    QuadMesh,
)
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.quiver import Quiver
from matplotlib.text import Annotation
from matplotlib.ticker import FixedFormatter

COLUMNS = ["axes", "series", "kind", "x", "y", "x_low", "x_high", "y_low", "y_high"]
COLUMNS += ["value", "u", "v", "part", "x_label", "y_label"]


@dataclass
class Series:
    """Some equally long columns of one kind of mark."""

    kind: str
    name: str
    columns: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        arrays = (np.atleast_1d(np.ma.filled(v, np.nan)) for v in self.columns.values())
        self.columns = dict(zip(self.columns, arrays, strict=True))

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]

    def __len__(self) -> int:
        return max((len(v) for v in self.columns.values()), default=1)


def panels(fig: Figure) -> list[Axes]:
    """The axes that hold data; colour bars are told with what they explain."""
    return [ax for ax in fig.axes if ax.get_label() != "<colorbar>"]


def table(fig: Figure) -> str:
    """All plotted data in long form, one row a mark, every float with all its digits."""
    rows = [
        {"axes": number, "series": s.name, "kind": s.kind}
        | {key: _plain(v[i]) for key, v in s.columns.items()}
        | _categories(ax, s, i)
        for number, ax in enumerate(panels(fig), 1)
        for s in series(ax)
        for i in range(len(s))
    ]
    used = {key for row in rows for key in row}
    out = io.StringIO()
    writer = csv.DictWriter(out, [c for c in COLUMNS if c in used], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def title(fig: Figure) -> str:
    """The figure's own title, else what is drawn against what."""
    if sheet := _sheet(fig):
        return fig.get_suptitle() or f"a sheet of {sheet[0]} pictures"
    named = [text for ax in panels(fig) if (text := _title(ax))]
    return _spoken(fig.get_suptitle() or "; ".join(named or map(_against, panels(fig))))


def describe(fig: Figure) -> str:
    """The axes and every series in words and numbers, none of them typed by hand."""
    if sheet := _sheet(fig):
        return _spoken(f"{sheet[0]} pictures, row by row. Written beside them: {sheet[1]}.")
    sentences = []
    for number, ax in enumerate(panels(fig), 1):
        if len(panels(fig)) > 1:
            sentences.append(f"Panel {number}: {_title(ax) or _against(ax)}.")
        if ax.axison:
            sentences += [_axis(ax, "x"), _axis(ax, "y")]
        shown = series(ax)
        sentences += [_sentence(ax, s) for s in shown if s.kind != "text"]
        if notes := [s.name for s in shown if s.kind == "text"]:
            sentences.append(f"Written in it: {'; '.join(notes)}.")
    return _spoken(" ".join(sentences))


def _title(ax: Axes) -> str:
    return ax.get_title(loc=mpl.rcParams["axes.titlelocation"])


def _sheet(fig: Figure) -> tuple[int, str] | None:
    """How many pictures, and the words at them, if many panels hold nothing else."""
    pictures, words = 0, list[str]()
    for ax in panels(fig):
        if ax.lines or ax.collections or ax.patches or len(ax.images) > 1:
            return None
        pictures += len(ax.images)
        written = (ax.get_ylabel(), _title(ax), *(text.get_text() for text in ax.texts))
        words += [text for text in written if text]
    return (pictures, "; ".join(words)) if pictures > 6 else None


# ---- From marks to numbers -----------------------------------------------------------------


def series(ax: Axes) -> list[Series]:
    """Everything drawn in these axes, in the order it is listed by matplotlib."""
    found: list[Series] = []
    parts: set[int] = set()  # artists that belong to a container read as a whole
    for container in ax.containers:
        if isinstance(container, BarContainer | ErrorbarContainer):
            read = _bars if isinstance(container, BarContainer) else _errorbars
            found.append(read(container))
            parts |= {id(artist) for artist in _flat(container)}
    artists = [*ax.lines, *ax.collections, *ax.images, *ax.patches, *ax.texts]
    for artist in artists:
        if id(artist) not in parts and artist.get_visible():
            found += _read(ax, artist)
    return found


def _read(ax: Axes, artist: Any) -> Iterator[Series]:
    name = _name(artist)
    match artist:
        case Line2D():
            yield _line(artist, name)
        case PathCollection():
            x, y = np.ma.filled(artist.get_offsets(), np.nan).T
            value = artist.get_array()
            columns = {"x": x, "y": y} | ({} if value is None else {"value": value})
            yield Series("points", name, columns)
        case FillBetweenPolyCollection():
            yield _band(artist, name)
        case LineCollection():
            segments = artist.get_segments()
            x, y = np.concatenate(segments).T
            part = np.repeat(np.arange(len(segments)), [len(s) for s in segments])
            yield Series("segments", name, {"x": x, "y": y, "part": part})
        case Quiver():
            yield Series(
                "arrows", name, {"x": artist.X, "y": artist.Y, "u": artist.U, "v": artist.V}
            )
        case QuadMesh():
            corners = artist.get_coordinates()
            middle = (corners[:-1, :-1] + corners[1:, 1:]) / 2
            yield _grid(name, middle[..., 0], middle[..., 1], artist.get_array())
        case _ if artist in ax.images:
            yield _image(artist, name)
        case _ if artist in ax.texts:
            yield from _note(ax, artist)
        case _ if artist in ax.patches:
            box = artist.get_path().transformed(artist.get_patch_transform()).get_extents()
            xs, ys = artist.get_data_transform().contains_branch_separately(ax.transData)
            columns = {"x_low": box.x0, "x_high": box.x1} if xs else {}
            columns |= {"y_low": box.y0, "y_high": box.y1} if ys else {}
            yield Series("area", name, columns)
        case _:
            raise TypeError(f"figures: no words yet for a {type(artist).__name__} ({name!r})")


def _name(artist: Any) -> str:
    """Its label, or what its colour bar says."""
    label = str(artist.get_label())
    if not label.startswith("_"):
        return label
    bar = getattr(artist, "colorbar", None)
    return (bar.ax.get_ylabel() or bar.ax.get_xlabel()) if bar else ""


def _line(line: Line2D, name: str) -> Series:
    x, y = (np.asarray(v, float) for v in line.get_data(orig=False))
    assert line.axes is not None
    in_x, in_y = line.get_transform().contains_branch_separately(line.axes.transData)
    if in_x and in_y:
        return Series("line", name, {"x": x, "y": y})
    return (
        Series("horizontal", name, {"y": y[:1]}) if in_y else Series("vertical", name, {"x": x[:1]})
    )


def _band(band: FillBetweenPolyCollection, name: str) -> Series:
    """Lower and upper edge at each abscissa, from the outline that was drawn."""
    flip = band.t_direction == "y"
    corners = np.concatenate([path.vertices for path in band.get_paths()])[:, :: -1 if flip else 1]
    t = np.unique(corners[:, 0])
    low, high = (np.array([f(corners[corners[:, 0] == v, 1]) for v in t]) for f in (np.min, np.max))
    along, across = ("y", "x") if flip else ("x", "y")
    return Series("band", name, {along: t, f"{across}_low": low, f"{across}_high": high})


def _bars(bars: BarContainer) -> Series:
    """Middle, end and edges of each bar."""
    box = np.array([(p.get_x(), p.get_y(), p.get_width(), p.get_height()) for p in bars.patches])
    x, y, width, height = box.T
    tip = {"x": x + width, "y": y + height / 2}
    if bars.orientation == "vertical":
        tip = {"x": x + width / 2, "y": y + height}
    edges = {"x_low": x, "x_high": x + width, "y_low": y, "y_high": y + height}
    return Series(f"{bars.orientation} bars", _name(bars), tip | edges)


def _errorbars(bars: ErrorbarContainer) -> Series:
    line, _, reaches = bars.lines
    ends = [np.array(reach.get_segments()) for reach in reaches]  # (points, 2 ends, x and y)
    axes = [axis for axis, has in (("x", bars.has_xerr), ("y", bars.has_yerr)) if has]
    columns: dict[str, Any] = {}
    if line is not None:
        columns |= dict(zip("xy", line.get_data(orig=False), strict=True))
    for axis, end in zip(axes, ends, strict=True):
        columns |= {f"{axis}_low": end[:, 0, "xy".index(axis)]}
        columns |= {f"{axis}_high": end[:, 1, "xy".index(axis)]}
    return Series("points with intervals", _name(bars), columns)


def _image(image: Any, name: str) -> Series:
    left, right, bottom, top = image.get_extent()
    data = image.get_array()
    rows, cols = data.shape[:2]
    if data.ndim == 3:  # colours, not values: where the picture is
        edges = {"x_low": left, "x_high": right, "y_low": bottom, "y_high": top}
        return Series(f"picture of {cols} by {rows} pixels", name, edges)
    x = left + (np.arange(cols) + 0.5) * (right - left) / cols
    y = np.arange(rows) + 0.5
    y = bottom + (y if image.origin == "lower" else rows - y) * (top - bottom) / rows
    return _grid(name, *np.meshgrid(x, y), data)


def _grid(name: str, x: np.ndarray, y: np.ndarray, value: Any) -> Series:
    kind = f"grid of {x.shape[1]} by {x.shape[0]} values"
    return Series(kind, name, {"x": x.ravel(), "y": y.ravel(), "value": np.ma.ravel(value)})


def _note(ax: Axes, text: Any) -> Iterator[Series]:
    """A text, with its place where that is given in data; an arrow where it has no words."""
    words = " ".join(text.get_text().split())
    pointing = isinstance(text, Annotation)
    x, y = text.xy if pointing else text.get_position()
    in_data = text.xycoords == "data" if pointing else text.get_transform() == ax.transData
    if words:
        yield Series("text", words, {"x": x, "y": y} if in_data else {})
    elif pointing and text.arrow_patch and text.xycoords == text.anncoords == "data":
        start = np.array(text.xyann, float)
        u, v = np.array(text.xy, float) - start
        yield Series("arrows", "", {"x": start[0], "y": start[1], "u": u, "v": v})


def _flat(container: Any) -> Iterator[Any]:
    for item in container:
        yield from _flat(item) if isinstance(item, tuple | list) else (item,)


# ---- From numbers to words -----------------------------------------------------------------


def _against(ax: Axes) -> str:
    return " against ".join(filter(None, (ax.get_ylabel(), ax.get_xlabel()))) or "a drawing"


def _spoken(text: str) -> str:
    """Without line breaks and without the signs of mathematical typesetting."""
    return " ".join(re.sub(r"[$\\{}]", "", text).split())


def _plain(number: Any) -> Any:
    return number.item() if isinstance(number, np.generic) else number


def _named_ticks(ax: Axes, along: str) -> dict[float, str]:
    """Texts that stand for positions: categories, or tick labels set by hand."""
    axis = getattr(ax, f"{along}axis")
    formatter = axis.get_major_formatter()
    if not isinstance(formatter, FixedFormatter) and not hasattr(formatter, "_units"):
        return {}
    places = [float(place) for place in axis.get_majorticklocs()]
    return dict(zip(places, formatter.format_ticks(places), strict=False))


def _categories(ax: Axes, s: Series, i: int) -> dict[str, str]:
    return {
        f"{along}_label": names[float(s[along][i])]
        for along in "xy"
        if along in s.columns and float(s[along][i]) in (names := _named_ticks(ax, along))
    }


def _words(ax: Axes, along: str, number: float) -> str:
    return _named_ticks(ax, along).get(float(number)) or f"{number:.4g}"


def _axis(ax: Axes, along: str) -> str:
    low, high = getattr(ax, f"get_{along}lim")()
    scale = getattr(ax, f"get_{along}scale")()
    names = ", ".join(text for text in _named_ticks(ax, along).values() if text)
    facts = [getattr(ax, f"get_{along}label")(), names or f"{low:.4g} to {high:.4g}"]
    facts.append("" if scale == "linear" else f"{scale} scale")
    return f"{along} axis: {', '.join(filter(None, facts))}."


def _sentence(ax: Axes, s: Series) -> str:
    name = f"{s.name} ({s.kind})" if s.name else f"A series ({s.kind})"
    if s.kind in ("horizontal", "vertical"):
        along = "y" if s.kind == "horizontal" else "x"
        return f"{s.name or 'A line'}: {s.kind} line at {along} = {_words(ax, along, s[along][0])}."
    if s.kind.endswith("bars") and len(s) <= 12:
        along, across = "xy" if s.kind == "vertical bars" else "yx"
        pairs = zip(s[along], s[across], strict=True)
        return f"{name}: {', '.join(f'{_words(ax, along, t)}: {v:.4g}' for t, v in pairs)}."
    one_way = "x" in s.columns and (np.diff(s["x"]) >= 0).all()
    if one_way and s.kind in ("line", "points with intervals", "vertical bars"):
        points = f", {len(s)} points" if len(s) > 1 else ""
        return f"{name}{points}: {_course(ax, s['x'], s['y'])}."
    spans = []
    for key, column in s.columns.items():
        if key != "part" and np.isfinite(column).any():
            ends = dict.fromkeys(f"{v:.4g}" for v in (np.nanmin(column), np.nanmax(column)))
            spans.append(f"{key.replace('_', ' ')} {' to '.join(ends)}")
    return f"{name}{f', {len(s)}' if len(s) > 1 else ''}: {', '.join(spans)}."


def _course(ax: Axes, x: np.ndarray, y: np.ndarray) -> str:
    """How y goes along x: its ends, and its extremes when they lie elsewhere."""
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    if not len(y):
        return "no finite value"
    at = [f"{v:.4g} at {_words(ax, 'x', where)}" for where, v in zip(x, y, strict=True)]
    steps = np.diff(y)
    if not steps.any():
        return at[0] if len(y) == 1 else f"stays at {y[0]:.4g}"
    for verb, holds in (("rises", steps >= 0), ("falls", steps <= 0)):
        if holds.all():
            return f"{verb} from {at[0]} to {at[-1]}"
    return f"from {at[0]} to {at[-1]}, lowest {at[y.argmin()]}, highest {at[y.argmax()]}"
