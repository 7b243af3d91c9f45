"""The interactives: the package's numbers, links, the printed Python, keys, budgets."""

import contextlib
import gzip
import io
import math
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe

from tests.golden import WIDGETS, mulberry32, normals

ROOT = Path(__file__).resolve().parents[1]
JS = ROOT / "docs" / "assets" / "js"
NAMES = list(WIDGETS)

# Links that were given away: they have to keep their meaning for ever.
PUBLISHED = {
    "?f.a=38.23": ("cl-forces", {"a": 38.23}),
    "?eq.c=0.3_0.3_0.3_0.3_0.3_0.3": ("cl-eq", {"c": [0.3] * 6}),
    "?tau.t=0.1825": ("cl-tau", {"t": 0.1825}),
    "?tau.c=0.75_0.8_0.5_0.2_-0.1_-0.4": ("cl-tau", {"c": [0.75, 0.8, 0.5, 0.2, -0.1, -0.4]}),
    "?fn.x=mask": ("cl-false", {"x": "mask"}),
    "?fn.k=70_250_130_200_320": ("cl-false", {"k": [70, 250, 130, 200, 320]}),
    "?b.m=256": ("cl-batch", {"m": 256}),
    "?b.d=64&b.t=0.05&b.m=1024": ("cl-batch", {"d": "64", "t": 0.05, "m": 1024}),
    "?mi.n=4096": ("cl-mi", {"n": 4096}),
    "?mi.d=1&mi.r=0.8&mi.n=64": ("cl-mi", {"d": 1, "r": 0.8}),
    "?au.w=0&au.n=0": ("cl-au", {"w": 0, "n": 0}),
    "?tr.g=align&tr.n=500": ("cl-train", {"g": "align", "n": 500}),
    "?f.t=0.07&f.k=70_100_130_200_320": ("cl-forces", {"t": 0.07}),
    "?f.k=70_70_130_200_320": ("cl-forces", {"k": [70, 70, 130, 200, 320]}),
}


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # tensors here are tiny
    yield
    torch.set_num_threads(threads)


# ---- Numbers: an empty page with the scripts, no site needed --------------------------------


@pytest.fixture(scope="module")
def numbers(browser):
    page = browser.new_page()
    texts = [path.read_text(encoding="utf-8") for path in JS.glob("cl-*.js")]
    for text in sorted(texts, key=lambda t: ("cl = (window.cl" not in t, "cl.define(" in t)):
        page.add_script_tag(content=text)
    yield page
    page.close()


COMPUTE = """([name, queries]) => queries.map(query => {
  const spec = cl.specs[name];
  const { state, moved } = cl.readState(spec, query);
  const values = JSON.stringify(spec.compute(state), (_, x) =>
    typeof x === "number" && !Number.isFinite(x) ? String(x) : x);
  return { state, moved, values: JSON.parse(values), python: spec.python(state),
           exports: spec.exports(state), again: cl.writeState(spec, state) };
})"""


def close(mine: Any, theirs: Any, rel: float = 1e-9) -> bool:
    mine, theirs = np.asarray(mine, dtype=float), np.asarray(theirs, dtype=float)
    return mine.shape == theirs.shape and np.allclose(mine, theirs, rtol=rel, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_script_and_package_give_the_same_numbers(numbers, name):
    """At least thirty states, limits and ties among them, to nine digits."""
    widget = WIDGETS[name]
    states = widget.states()
    assert len(states) >= 30
    found = numbers.evaluate(COMPUTE, [name, [widget.query(state) for state in states]])
    for state, mine in zip(states, found, strict=True):
        assert mine["state"] == state
        assert not mine["moved"]
        for key, value in widget.values(**state).items():
            expected = value.detach().numpy() if isinstance(value, torch.Tensor) else value
            assert close(mine["values"][key], expected), (state, key, mine["values"][key], expected)


@pytest.mark.parametrize("name", NAMES)
def test_start_is_what_an_address_without_state_shows(numbers, name):
    assert numbers.evaluate(COMPUTE, [name, [""]])[0]["state"] == WIDGETS[name].start


@pytest.mark.parametrize("name", NAMES)
def test_printed_python_gives_the_same_numbers(numbers, name):
    """What a reader copies runs against the package and prints what the page shows."""
    widget = WIDGETS[name]
    queries = [widget.query(state) for state in widget.random_states(20)]
    for query, mine in zip(queries, numbers.evaluate(COMPUTE, [name, queries]), strict=True):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(mine["python"], query, "exec"), {})
        printed = [float(x) for x in out.getvalue().split()]
        shown = [mine["values"][key] for key in mine["exports"]]
        assert close(shown, printed), (query, shown, printed)


def test_links_keep_the_state(numbers):
    """State to address to state is the identity, in at most 400 characters."""
    for name, widget in WIDGETS.items():
        asked = [widget.query(state) for state in widget.random_states(200 // len(WIDGETS))]
        first = numbers.evaluate(COMPUTE, [name, asked])
        links = ["?" + "&".join("=".join(pair) for pair in mine["again"]) for mine in first]
        assert max(map(len, links)) <= 400
        second = numbers.evaluate(COMPUTE, [name, links])
        assert [mine["state"] for mine in second] == [mine["state"] for mine in first]


@pytest.mark.parametrize("query", PUBLISHED)
def test_published_links_keep_their_meaning(numbers, query):
    name, changed = PUBLISHED[query]
    state = numbers.evaluate(COMPUTE, [name, [query]])[0]["state"]
    assert state == WIDGETS[name].start | changed


def test_hostile_links_do_nothing_bad(numbers):
    """Nonsense leaves the start; what is out of range is moved to the end; both are reported."""
    rng = random.Random(0)
    for name, widget in WIDGETS.items():
        bad = ["<img src=x onerror=alert(1)>", "NaN", "1e999", "_" * 50, "", "__proto__", "9" * 401]
        for field in widget.start:
            for text in bad:
                mine = numbers.evaluate(COMPUTE, [name, [f"?{widget.key}.{field}={text}"]])[0]
                if mine["state"] == widget.start:
                    assert mine["moved"] == [f"{widget.key}.{field}"], (field, text)
                values = str(mine["state"]).lower().replace("infonce", "")
                assert not re.search(r"<|nan|inf", values), (field, text)
        if "t" in widget.start:
            low, high = numbers.evaluate(
                COMPUTE, [name, [f"?{widget.key}.t=-5", f"?{widget.key}.t=1e6"]]
            )
            assert low["state"]["t"] < high["state"]["t"]
            assert low["moved"] == high["moved"] == [f"{widget.key}.t"]
        unknown = numbers.evaluate(COMPUTE, [name, [f"?{widget.key}.zz={rng.random()}"]])[0]
        assert unknown["state"] == widget.start
        assert not unknown["moved"]


def test_random_numbers_are_the_specified_ones(numbers):
    """mulberry32 of seed 1, as published, and Box-Muller on top."""
    uniform = numbers.evaluate(
        "() => { const u = cl.mulberry32(1); return [...Array(16)].map(u); }"
    )
    assert uniform == mulberry32(1, 16).tolist()
    assert uniform[:2] == [0.6270739405881613, 0.002735721180215478]
    normal = numbers.evaluate("() => { const n = cl.normals(1); return [...Array(4)].map(n); }")
    assert close(normal, normals(1, 4), 1e-12)


def test_series_of_the_uniform_sphere(numbers):
    """log E e^(kappa s) and its slope, for the circle and more, against the package and SciPy."""
    from scipy.special import i0e, i1e

    import infonce

    for kappa in (0.5, 1, 2, 10, 14.2857, 50, 100):
        for d in (2, 3, 8, 64):
            mine = numbers.evaluate("([d, k]) => cl.logUniform(d, k)", [d, kappa])
            assert close(mine, infonce.uniformity_reference(d, t=kappa / 2) + kappa, 1e-12)
        mine = numbers.evaluate("k => [cl.logUniform(2, k), cl.meanUniform(2, k)]", kappa)
        assert close(mine, [math.log(i0e(kappa)) + kappa, i1e(kappa) / i0e(kappa)], 1e-12)


# ---- Budgets ----------------------------------------------------------------------------------


def size(name: str) -> int:
    return len(gzip.compress((JS / name).read_bytes(), 9))


def test_scripts_are_small(site):
    """18 kB a page and 45 kB in all, compressed and as they are; no page loads what it lacks."""
    sizes = {path.name: size(path.name) for path in JS.glob("cl-*.js")}
    assert sum(sizes.values()) <= 45_000, sizes
    for page in site.rglob("index.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<script defer src="[^"]*/(cl-[\w-]+\.js)"', text)
        assert len(set(loaded)) == len(loaded)
        for name in NAMES:
            assert (f"<{name} " in text) == (f"{name}.js" in loaded), (page, name)
        if page.parent.name != "play":  # there everything stands together
            assert sum(sizes[name] for name in loaded) <= 18_000, (page, loaded)


# ---- The page -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def play(browser, site):
    """The page with all interactives, as a file: no server, no other host."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda r: r.url.startswith(("file:", "data:")) or problems.append(r.url))
    page.goto(f"file://{site}/play/index.html")
    yield page
    assert not problems
    context.close()


TEXTS = """([name, queries]) => {
  const element = document.querySelector(name);
  return queries.map(query => {
    element.load(query, true);
    return [...element.querySelectorAll("[data-out]")].map(e =>
      [e.dataset.out, e.dataset.form ?? "", Number(e.dataset.digits ?? 4), e.textContent,
       Number(e.getAttribute("value"))]);
  });
}"""


@pytest.mark.parametrize("name", NAMES)
def test_page_shows_what_was_computed(play, name):
    """The text of every read-out, parsed back, is the package's value as far as it is written."""
    widget = WIDGETS[name]
    states = widget.states()[:12]
    for state, shown in zip(
        states,
        play.evaluate(TEXTS, [name, [widget.query(state) for state in states]]),
        strict=True,
    ):
        expected = widget.values(**state)
        assert shown
        for key, form, digits, text, value in shown:
            assert key in expected, f"{name}: nothing in tests/golden.py owns {key}"
            assert close(value, float(expected[key])), (state, key)
            read = float(re.sub("[^0-9.e-]", "", text.replace("−", "-").replace("∞", "inf")))
            unit = 100 if form == "percent" else 1
            assert abs(read / unit - value) <= max(0.51 * 10**-digits, 0.06 * abs(value)), text
            assert form == "percent" or "e" in text or len(text.split(".")[-1]) == digits


def test_every_control_has_a_name_and_answers(play):
    """Axe finds nothing after a change either; targets are 24 px; keys move every point."""
    for name in NAMES:
        element = play.locator(name)
        for handle in element.locator("[data-handle]").all():
            handle.focus()
            before = element.evaluate("e => JSON.stringify(e.state)")
            handle.press("ArrowRight")
            handle.press("ArrowUp")
            assert element.evaluate("e => JSON.stringify(e.state)") != before
            assert handle.evaluate("e => document.activeElement === e")
        for slider in element.locator("input[type=range]").all():
            before = element.evaluate("e => JSON.stringify(e.state)")
            slider.press("ArrowLeft")
            if element.evaluate("e => JSON.stringify(e.state)") == before:  # it was at its end
                slider.press("ArrowRight")
            assert element.evaluate("e => JSON.stringify(e.state)") != before
            assert slider.get_attribute("aria-valuetext")
        small = element.evaluate(
            """e => [...e.querySelectorAll("button, [role=slider], label:has([type=radio])")]
            .map(x => [x.outerHTML.slice(0, 90), x.getBoundingClientRect()])
            .filter(([, r]) => r.width && (r.width < 24 || r.height < 24))"""
        )
        assert not small
        for details in element.locator("details").all():
            details.evaluate("e => { e.open = true; }")
        play.wait_for_timeout(20)
        assert element.locator(".cl-play__python code").text_content().startswith("import")
        assert element.locator(".cl-play__data td").count() > 3
    assert play.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    found = Axe().run(play).response["violations"]
    known = {"landmark-unique"}
    assert not [
        (v["id"], v["nodes"][0]["html"][:200], v["nodes"][0]["target"])
        for v in found
        if v["id"] not in known
    ]
