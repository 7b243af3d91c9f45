"""Figures: the same bytes each time, the page's colours, words and a table from the data alone."""

import csv
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from snippets._engine import figures, plotted

ROOT = Path(__file__).parents[1]
CSS = ROOT / "docs" / "assets" / "css"
ROLES = ["anchor", "positive", "negative", "temperature", "n"]


@pytest.fixture(autouse=True, scope="module")
def _own_style():
    with mpl.rc_context():
        figures.style()
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The example, saved once: its folder, and the drawing that stands in a page."""
    folder = tmp_path_factory.mktemp("saved")
    return folder, figures.save(example(), "example", folder)


def example(peak=7.25):
    """One figure with every kind of mark that is understood."""
    rng = np.random.default_rng(0)
    fig, ((a, b), (c, d)) = plt.subplots(2, 2, figsize=(8, 6))
    a.plot([1, 2, 3], [0.5, peak, 1 / 3], label="loss $\\tau$")
    a.axhline(2.5, color="C5", label="chance")
    a.axvline(1.5, color="C3")
    a.fill_between([1, 2, 3], [0, 1, 2], [1, 3, 4], alpha=0.2, label="interval")
    a.errorbar([1, 2], [3, 4], yerr=[[0.5, 0.25], [1, 2]], fmt="s", color="C2", label="mean")
    a.set(xlabel="step", ylabel="loss / nats")
    b.bar(["cat", "dog"], [0.75, 0.25], hatch="//", label="weight")
    b.annotate("hardest", (0, 0.75), (0.5, 0.7), arrowprops={"arrowstyle": "->"})
    image = c.imshow(rng.normal(size=(3, 4)))
    fig.colorbar(image, label="cosine")
    c.imshow(rng.uniform(size=(5, 5, 3)), extent=(0, 1, 0, 1))
    d.scatter([1, 2, 3], [3, 1, -8.5], marker="^", label="points")
    d.quiver([0], [0], [1], [2], angles="xy", scale_units="xy", scale=1)
    d.vlines([1, 2], 0, [3, 4])
    d.add_patch(plt.Circle((0, 0), 1.5, fill=False))
    d.pcolormesh([[1.0, 2.0], [3.0, 4.0]])
    d.legend()
    return fig


def column(rows, key, **wanted):
    chosen = [r for r in rows if all(r[k] == v for k, v in wanted.items())]
    assert chosen, wanted
    return [float(r[key]) for r in chosen]


# ---- Bytes ---------------------------------------------------------------------------------


def test_the_same_bytes_every_time(saved, tmp_path):
    first, second, other = saved[0], tmp_path / "second", tmp_path / "other"
    for folder in (second, other):
        folder.mkdir()
    figures.save(example(), "example", second)
    code = (
        "import sys; from pathlib import Path; from snippets._engine import figures;"
        "from tests.test_figures import example; figures.style();"
        "figures.save(example(), 'example', Path(sys.argv[1]))"
    )
    env = os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code, str(other)], check=True, env=env, cwd=ROOT)
    for kind in ("svg", "pdf", "csv"):
        expected = (first / f"example.{kind}").read_bytes()
        assert (second / f"example.{kind}").read_bytes() == expected, kind
        assert (other / f"example.{kind}").read_bytes() == expected, kind


def test_other_data_give_other_bytes(saved, tmp_path):
    figures.save(example(peak=7.5), "example", tmp_path)
    for kind in ("svg", "pdf", "csv"):
        one, two = (folder / f"example.{kind}" for folder in (saved[0], tmp_path))
        assert one.read_bytes() != two.read_bytes(), kind


# ---- Drawing -------------------------------------------------------------------------------


def test_both_drawings_are_xml_with_role_title_and_description(saved):
    folder, inline = saved
    for text in (inline, (folder / "example.svg").read_text()):
        root = ElementTree.fromstring(text)
        assert root.get("role") == "img"
        assert root.get("width") is None, "a view box alone, so that it fits a phone"
        by_id = {e.get("id"): e for e in root.iter() if e.get("id")}
        assert by_id[root.get("aria-labelledby")].tag.endswith("title")
        assert by_id[root.get("aria-describedby")].tag.endswith("desc")


def test_every_id_has_the_name_of_the_figure_and_every_reference_is_met(saved):
    inline = saved[1]
    ids = re.findall(r'\bid="([^"]+)"', inline)
    assert len(set(ids)) == len(ids) > 50
    assert all(i.startswith("example-") for i in ids)
    references = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', inline)
    assert len(references) > 20
    assert {a or b for a, b in references} <= set(ids)


@pytest.mark.parametrize(("number", "role"), list(enumerate([*ROLES, "grey"])))
def test_a_colour_of_the_cycle_is_a_role_of_the_page(tmp_path, number, role):
    fig, ax = plt.subplots()
    ax.plot([0, 1], color=f"C{number}")
    ax.scatter([0], [0], color=f"C{number}")
    ax.bar([1], [2], color=f"C{number}", hatch="x")
    inline = figures.save(fig, "roles", tmp_path)
    assert inline.count(f"var(--cl-{role}, {figures.ROLES[role]})") >= 3


def test_no_colour_of_ours_stays_fixed_and_nothing_is_black(saved):
    folder, inline = saved
    root, body = inline.split(">", 1)
    assert f'color="{figures.INK}"' in root
    loose = re.sub(r"var\(--cl-[a-z-]+, #[0-9a-f]{6}\)", "", body)
    for colour in (figures.ROLES | figures.NEUTRAL).values():
        assert colour not in loose
    for text in (inline, (folder / "example.svg").read_text()):
        assert "currentColor" in text
        assert not re.search(r"#000000|#000\b|\bblack\b|rgb\(0", text)


def test_the_file_to_download_needs_no_stylesheet(saved):
    text = (saved[0] / "example.svg").read_text()
    assert "var(" not in text
    assert figures.ROLES["anchor"] in text


# ---- Words and table -----------------------------------------------------------------------


def test_the_description_tells_the_extremes():
    words = plotted.describe(example())
    assert "from 0.5 at 1 to 0.3333 at 3, lowest 0.3333 at 3, highest 7.25 at 2" in words
    assert "chance: horizontal line at y = 2.5" in words
    assert "vertical line at x = 1.5" in words
    assert "cat: 0.75, dog: 0.25" in words
    assert "interval (band), 3: x 1 to 3, y low 0 to 2, y high 1 to 4" in words
    assert "points (points), 3: x 1 to 3, y -8.5 to 3" in words
    assert "cosine (grid of 4 by 3 values), 12" in words
    assert "picture of 5 by 5 pixels" in words
    assert "grid of 2 by 2 values), 4: x 0.5 to 1.5, y 0.5 to 1.5, value 1 to 4" in words
    assert "Written in it: hardest." in words
    assert "x axis: step, " in words
    assert "y axis: loss / nats, " in words


def test_the_description_follows_the_data():
    assert plotted.describe(example(peak=7.5)) == plotted.describe(example()).replace(
        "highest 7.25", "highest 7.5"
    ).replace("y axis: loss / nats, -0.3625 to 7.612", "y axis: loss / nats, -0.375 to 7.875")


@pytest.mark.parametrize(
    ("values", "course"),
    [
        ([1, 2, 3], "rises from 1 at 0 to 3 at 2"),
        ([3, 2, 2], "falls from 3 at 0 to 2 at 2"),
        ([2, 2, 2], "stays at 2"),
        ([1, np.nan, 5], "rises from 1 at 0 to 5 at 2"),
        ([np.nan, np.nan, np.nan], "no finite value"),
    ],
)
def test_a_line_is_told_by_its_course(values, course):
    fig, ax = plt.subplots()
    ax.plot(values, label="f")
    assert f"f (line), 3 points: {course}." in plotted.describe(fig)


def test_a_panel_is_told_by_its_title():
    fig, axes = plt.subplots(1, 2)
    for ax, title in zip(axes, ("as printed", "as released"), strict=True):
        ax.plot([1, 2], [0, 1])
        ax.set(xlabel="step", title=title)
    assert plotted.title(fig) == "as printed; as released"
    words = plotted.describe(fig)
    assert "Panel 1: as printed." in words
    assert "Panel 2: as released." in words


def test_a_sheet_of_pictures_is_told_by_the_words_on_it():
    fig, axes = plt.subplots(3, 4)
    for row, name in zip(axes, ("cat", "dog", "ewe"), strict=True):
        row[0].text(1, 0.5, name)
        for place, ax in enumerate(row[1:], 1):
            ax.imshow(np.zeros((4, 4, 3)))
            ax.set_title(f"{name} {place}")
    assert plotted.title(fig) == "a sheet of 9 pictures"
    words = plotted.describe(fig)
    assert words.startswith(
        "9 pictures, row by row. Written beside them: cat; cat 1; cat 2; cat 3; dog"
    )
    axes[0, 0].plot([0, 1], [0, 1])  # a line is told like any other
    assert "Panel 2" in plotted.describe(fig)


def test_the_table_holds_what_was_plotted_to_the_last_digit(saved):
    with (saved[0] / "example.csv").open() as file:
        rows = list(csv.DictReader(file))
    line = {"axes": "1", "kind": "line"}
    assert column(rows, "y", **line) == [0.5, 7.25, 1 / 3]
    assert column(rows, "x", **line) == [1, 2, 3]
    assert column(rows, "y", series="chance") == [2.5]
    assert column(rows, "x", kind="vertical") == [1.5]
    assert column(rows, "y_low", series="interval") == [0, 1, 2]
    assert column(rows, "y_high", series="interval") == [1, 3, 4]
    assert column(rows, "y_low", series="mean") == [2.5, 3.75]
    assert column(rows, "y_high", series="mean") == [4, 6]
    assert column(rows, "y", kind="vertical bars") == [0.75, 0.25]
    assert [r["x_label"] for r in rows if r["kind"] == "vertical bars"] == ["cat", "dog"]
    drawn = np.random.default_rng(0).normal(size=(3, 4))
    assert column(rows, "value", series="cosine") == drawn.ravel().tolist()
    assert column(rows, "x", series="cosine") == [0, 1, 2, 3] * 3
    assert column(rows, "y", series="cosine") == [0] * 4 + [1] * 4 + [2] * 4
    assert column(rows, "y", series="points") == [3, 1, -8.5]
    assert column(rows, "v", kind="arrows") == [2]
    assert column(rows, "y", kind="segments") == [0, 3, 0, 4]
    assert column(rows, "x_high", kind="area") == pytest.approx([1.5])
    assert column(rows, "value", kind="grid of 2 by 2 values") == [1, 2, 3, 4]


def test_a_mark_that_nobody_can_describe_stops_the_build(tmp_path):
    fig, ax = plt.subplots()
    ax.contour(np.arange(9.0).reshape(3, 3))
    with pytest.raises(TypeError, match="QuadContourSet"):
        figures.save(fig, "contour", tmp_path)


def test_a_picture_has_no_grid_on_top(tmp_path):
    fig, ax = plt.subplots()
    ax.plot([0, 1])
    with_grid = figures.save(fig, "picture", tmp_path).count(figures.NEUTRAL["line"] + ")")
    ax.imshow([[1, 2]])
    assert with_grid > 4
    assert figures.NEUTRAL["line"] + ")" not in figures.save(fig, "picture", tmp_path)


# ---- Palette: measured from tokens.css ------------------------------------------------------


def schemes():
    """The colours of each scheme, light first."""
    css = re.sub(r"/\*.*?\*/", "", (CSS / "tokens.css").read_text(), flags=re.DOTALL)
    blocks = {}
    for scheme in ("default", "slate"):
        body = re.search(rf'data-md-color-scheme="{scheme}"\] {{(.*?)}}', css, re.DOTALL)
        blocks[scheme] = dict(re.findall(r"--cl-([a-z-]+): (#[0-9a-f]{6});", body[1]))
    return blocks


def linear(colour):
    """sRGB without its transfer curve."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one, two):
    """WCAG 2, relative luminance."""
    a, b = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, two))
    return (b + 0.05) / (a + 0.05)


# Machado, Oliveira and Fernandes 2009, severity 1, on linear sRGB
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}


def oklab(light):
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    opponent = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return opponent @ np.cbrt(cones @ np.clip(light, 0, 1))


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_in_any_colour_can_be_read_on_any_ground(scheme):
    colours = schemes()[scheme]
    for ink in [*ROLES, "ink", "ink-soft", "grey"]:
        for ground in ("paper", "raised", "sunken"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_edges_of_controls_can_be_seen(scheme):
    colours = schemes()[scheme]
    for ground in ("paper", "raised", "sunken"):
        assert contrast(colours["line-strong"], colours[ground]) >= 3, ground


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_roles_differ_for_colour_blind_readers(scheme, blindness):
    """0.06 in OKLab is three times what one just notices side by side."""
    colours = schemes()[scheme]
    seen = {role: oklab(BLINDNESS[blindness] @ linear(colours[role])) for role in ROLES}
    for one, two in itertools.combinations(ROLES, 2):
        assert np.linalg.norm(seen[one] - seen[two]) >= 0.06, (one, two)


def test_contrast_and_blindness_are_measured_rightly():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert oklab(linear("#ffffff")) == pytest.approx([1, 0, 0], abs=1e-6)
    for matrix in BLINDNESS.values():  # greys stay what they are
        assert matrix.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)


def test_figures_and_pages_have_the_same_colours():
    light = schemes()["default"]
    assert {role: light[role] for role in figures.ROLES} == figures.ROLES
    assert {name: light[name] for name in figures.NEUTRAL} == figures.NEUTRAL
    assert light["ink"] == figures.INK
    assert set(schemes()["slate"]) == set(light)


def test_styles_ask_no_other_host_and_find_their_fonts():
    for sheet in CSS.glob("*.css"):
        urls = re.findall(r"url\(\"?([^)\"]+)", sheet.read_text())
        assert "@import" not in sheet.read_text()
        for url in urls:
            assert (CSS / url).is_file(), url
    assert len(re.findall("@font-face", (CSS / "tokens.css").read_text())) == 6
