"""The interactives: the package's numbers, links, the printed Python, keys, budgets."""

import contextlib
import functools
import gzip
import http.server
import io
import math
import os
import random
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from snippets._engine import pages
from tests.golden import DATA, WIDGETS, clip_file, clip_pictures, clip_text, mulberry32, normals

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
    page.add_script_tag(content=pages.offline(DATA / "emoji-clip"))
    page.evaluate(UNPACK)
    yield page
    page.close()


UNPACK = """() => {
  const { about, bytes } = cl.emojiFile;
  cl.clip.unpack(about, Uint8Array.from(atob(bytes), c => c.charCodeAt(0)).buffer);
}"""


COMPUTE = """([name, queries]) => queries.map(query => {
  const spec = cl.specs[name];
  const { state, moved } = cl.readState(spec, query);
  const values = JSON.stringify(spec.compute(state), (_, x) =>
    typeof x === "number" && !Number.isFinite(x) ? String(x) : x);
  return { state, moved, values: JSON.parse(values), python: spec.python(state),
           exports: spec.exports(state), again: cl.writeState(spec, state) };
})"""


READ = """([name, queries]) => queries.map(query => {
  const spec = cl.specs[name];
  const { state, moved } = cl.readState(spec, query);
  spec.compute(state);
  return { state, moved, again: cl.writeState(spec, state) };
})"""


def close(mine: Any, theirs: Any, rel: float = 1e-9, atol: float = 1e-12) -> bool:
    mine, theirs = np.asarray(mine, dtype=float), np.asarray(theirs, dtype=float)
    return mine.shape == theirs.shape and np.allclose(mine, theirs, rtol=rel, atol=atol)


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
            least = 0 if key == "loss" else 1e-12  # a loss of 1e-30 is not 0
            assert close(mine["values"][key], expected, atol=least), (state, key, expected)


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
        first = numbers.evaluate(READ, [name, asked])
        links = ["?" + urlencode([*map(tuple, mine["again"])]) for mine in first]
        assert max(map(len, links)) <= 400
        second = numbers.evaluate(READ, [name, links])
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
            asked = [f"?{widget.key}.{field}={text}" for text in bad]
            for text, mine in zip(bad, numbers.evaluate(READ, [name, asked]), strict=True):
                if mine["state"] == widget.start and text != widget.start[field]:
                    assert mine["moved"] == [f"{widget.key}.{field}"], (field, text)
                if isinstance(widget.start[field], str) and mine["state"][field] == text.strip():
                    continue  # a text that somebody typed, shown as text
                values = str(mine["state"]).lower().replace("infonce", "")
                assert not re.search(r"<|nan|inf", values), (field, text)
        if "t" in widget.start:
            low, high = numbers.evaluate(
                READ, [name, [f"?{widget.key}.t=-5", f"?{widget.key}.t=1e6"]]
            )
            assert 0 < low["state"]["t"] < high["state"]["t"] <= 8
            assert low["moved"] == high["moved"] == [f"{widget.key}.t"]
        unknown = numbers.evaluate(READ, [name, [f"?{widget.key}.zz={rng.random()}"]])[0]
        assert unknown["state"] == widget.start
        assert not unknown["moved"]


def test_embeddings_and_ranks_of_two_hundred_texts(numbers):
    """The text tower of the page is the package's: 1e-6, and every picture at the same place."""
    texts = (ROOT / "tests" / "texts.txt").read_text(encoding="utf-8").splitlines()
    assert len(set(texts)) == 200
    queries = ["?" + urlencode({"clip.q": text}) for text in texts]
    found = numbers.evaluate(
        """queries => queries.map(query => {
          const spec = cl.specs["cl-clip"];
          const { query: z, order } = spec.compute(cl.readState(spec, query).state);
          return [z, order];
        })""",
        queries,
    )
    for text, (z, order) in zip(texts, found, strict=True):
        assert close(z, clip_text(text), 0, 1e-6), text
        cosines = clip_pictures() @ clip_text(text)
        assert order == cosines.sort(descending=True, stable=True).indices.tolist(), text


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


def test_loss_of_the_scripts_has_its_properties(numbers):
    """One shift of all cosines changes nothing, nor does the order; pulls and pushes cancel.

    The force is the slope downhill, by differences.
    """
    found = numbers.evaluate("""() => {
      const draw = cl.mulberry32(7);
      const loss = ([first, ...rest], t) => cl.infoNCE(first, rest, t);
      return [...Array(100)].map(() => {
        const t = 0.05 + draw(), h = 1e-5, a = 6 * draw();
        const s = [...Array(3 + Math.floor(9 * draw()))].map(() => 2 * draw() - 1);
        const keys = s.map(() => 6 * draw());
        const at = x => cl.circle.anchorLoss(t, x, keys);
        const turned = [s[0], ...s.slice(1).reverse()];
        return {
          loss: loss(s, t), shifted: loss(s.map(x => x + 0.7), t), turned: loss(turned, t),
          balance: cl.sum(at(a).onS), force: at(a).force,
          slope: (at(a + h).loss - at(a - h).loss) / (2 * h),
        };
      });
    }""")
    assert min(abs(mine["force"]) for mine in found) < 0.1 < max(mine["force"] for mine in found)
    for mine in found:
        assert close(mine["shifted"], mine["loss"], 1e-12)
        assert close(mine["turned"], mine["loss"], 1e-12)
        assert close(mine["balance"], 0)
        assert close(mine["force"], -mine["slope"], 1e-6, 1e-7)


@pytest.fixture(scope="module")
def served(site) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


# ---- Budgets ----------------------------------------------------------------------------------


def size(name: str) -> int:
    return len(gzip.compress((JS / name).read_bytes(), 9))


def test_scripts_are_small(site):
    """45 kB in all and 18 kB a page, compressed and as they are; no page loads what it lacks.

    A page names the scripts of its interactives, and loads them when they come near.
    """
    sizes = {path.name: size(path.name) for path in JS.glob("cl-*.js")}
    assert sum(sizes.values()) <= 45_000, sizes
    for page in site.rglob("index.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<script defer src="[^"]*/(cl-[\w-]+\.js)"', text)
        later = re.findall(r'data-later="[\w-]+" data-src="[^"]*/(cl-[\w-]+\.js)"', text)
        for name in NAMES:
            assert (f"<{name} " in text) == (f"{name}.js" in loaded + later), (page, name)
        assert loaded in ([], ["cl-core.js"]), page  # the theme would run several as they arrive
        few = sum(f"<{name} " in text for name in NAMES) <= 3  # all of them may be near at first
        assert sum(sizes[name] for name in {*loaded, *(later if few else [])}) <= 18_000, page


def test_what_is_far_down_waits(browser, served):
    """The page of all: 18 kB until the reader scrolls, and 1.2 MB of data at the end."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(served + "play/", wait_until="networkidle")
    page.wait_for_function("window.cl")

    def names(pattern: str) -> list[str]:
        found = [re.search(pattern, answer.url) for answer in answers]
        return [match[1] for match in found if match]

    first = names(r"/(cl-[\w-]+\.js)")
    assert len(set(first)) == len(first) < len(NAMES)
    assert sum(map(size, first)) <= 18_000, first
    assert not names(r"(assets/data/.*)")
    for name in ("cl-eq", "cl-clip"):
        page.locator(name).scroll_into_view_if_needed()
        page.wait_for_selector(f"{name}.is-alive")
    data = [answer for answer in answers if "/assets/data/" in answer.url]
    assert len(data) == 3
    assert sum(len(answer.body()) for answer in data) <= 1_200_000
    page.close()


# ---- The page -----------------------------------------------------------------------------------


AWAKE = f"window.cl && (cl.wake(), document.querySelectorAll('.is-alive').length === {len(NAMES)})"


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
    page.wait_for_function(AWAKE)
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
            assert form == "percent" or "e" in text or len(text.partition(".")[2]) == digits


def test_every_control_has_a_name_and_answers(play):
    """Axe finds nothing after a change either; targets are 24 px; keys move every point."""
    views = [(name, "") for name in NAMES] + [("cl-clip", v) for v in ("zero", "matrix", "gap")]
    for name, view in views:
        element = play.locator(name)
        if view:
            element.locator(f"[name='clip.v'][value={view}]").press("Space")
            assert element.evaluate("e => e.state.v") == view
        for handle in element.locator("[data-handle]").all():
            handle.focus()
            before = element.evaluate("e => JSON.stringify(e.state)")
            handle.press("ArrowRight")
            handle.press("ArrowUp")
            assert element.evaluate("e => JSON.stringify(e.state)") != before
            if view == "matrix":  # the focus moves with the cell
                assert element.evaluate("e => document.activeElement.dataset.handle") == "0-1"
                break
            assert handle.evaluate("e => document.activeElement === e")
        for slider in element.locator("input[type=range]").filter(visible=True).all():
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
    found = Axe().run(play, options={"resultTypes": ["violations"]}).response["violations"]
    known = {"landmark-unique"}
    assert not [
        (v["id"], v["nodes"][0]["html"][:200], v["nodes"][0]["target"])
        for v in found
        if v["id"] not in known
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440, 2560])
def test_pictures_to_look_at(browser, served, width, scheme):
    """A picture of every interactive is kept in .cache/looks, for people; none is empty or cut.

    Then axe reads all of them, changed.
    """
    looks = ROOT / ".cache" / "looks"
    looks.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(
        viewport={"width": width, "height": 3000}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(served + "play/")
    page.wait_for_function(AWAKE)
    for name in NAMES:
        element = page.locator(name)
        element.screenshot(path=looks / f"{name}-{width}-{scheme}.png")
        drawn = Image.open(io.BytesIO(element.locator(".cl-play__picture").screenshot()))
        assert len(drawn.convert("RGB").getcolors(1 << 20)) > 100, name  # of an empty one: 1
        cut = element.evaluate(
            """e => [...e.querySelectorAll("svg text")].filter(text => {
              const [a, b] = [text, text.ownerSVGElement].map(x => x.getBoundingClientRect());
              return a.width && (a.left < b.left - 1 || a.right > b.right + 1);
            }).map(text => text.textContent)"""
        )
        assert not cut, (name, cut)
        element.locator("input[type=range]").filter(visible=True).first.press("PageUp")
    if width < 2560:  # after a change of each
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [v["id"] for v in found if v["id"] != "landmark-unique"] == []
    context.close()


# ---- Behaviour, served as any static host would -------------------------------------------------


SHIFTS = """new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.shifted = (window.shifted ?? 0) + entry.value;
}).observe({ type: "layout-shift" });"""
TALL = "[...document.querySelectorAll('.cl-play')].map(e => [e.localName, e.offsetHeight])"


@pytest.mark.parametrize("width", [320, 390, 1440, 2560])
def test_nothing_moves_when_the_scripts_take_over(browser, served, width):
    """Until the scripts are there the figures stand; then every thing is where it was."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.route("**/cl-core.js", lambda route: route.abort())
    page = context.new_page()
    page.goto(served + "play/")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)
    assert page.locator(".cl-play__picture svg[role=img]").count() == len(NAMES)
    before = dict(page.evaluate(TALL))
    page.evaluate(SHIFTS)
    for script in ["cl-core", "cl-circle", "cl-keys", *NAMES]:
        page.add_script_tag(path=JS / f"{script}.js")
    page.wait_for_function(AWAKE)
    page.wait_for_timeout(200)
    assert dict(page.evaluate(TALL)) == before
    assert page.evaluate("window.shifted ?? 0") == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    context.close()


def test_figure_and_text_stand_without_scripts(browser, served):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served + "play/")
    for name in NAMES:
        element = page.locator(name)
        assert element.locator(".cl-play__picture svg[role=img]").is_visible()
        assert element.locator(".cl-play__question").is_visible()
        assert element.locator(".cl-play__challenges details").count() >= 2
        assert not element.locator("input, button").filter(visible=True).count()
    context.close()


def test_links_buttons_drags_and_navigation(browser, served):
    """One visit: a prepared link, a drag, keys, the copied link, another page and back."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    elsewhere: list[str] = []
    page.on(
        "request", lambda r: r.url.startswith((served, "data:", "blob:")) or elsewhere.append(r.url)
    )
    page.on("pageerror", lambda error: elsewhere.append(str(error)))

    def state(name: str) -> dict[str, Any]:
        return page.evaluate("name => document.querySelector(name).state", name)

    page.goto(served + "play/?f.t=0.07&f.t2=1#forces")
    page.wait_for_function(AWAKE)
    assert state("cl-forces")["t"] == 0.07
    page.locator("#lecture ~ ol a").nth(3).click()  # prepared: at rest
    assert state("cl-forces")["a"] == 38.23
    assert state("cl-forces")["t"] == 0.2
    assert "f.a=38.23" in page.url
    forces = page.locator("cl-forces")
    anchor = forces.locator("[data-handle=a]")
    anchor.scroll_into_view_if_needed()
    box = anchor.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 150, box["y"], steps=4)
    page.mouse.up()
    assert abs(state("cl-forces")["a"] - 38.23) > 20
    forces.get_by_role("button", name="Let the anchor go").click()
    assert state("cl-forces")["a"] == 38.23  # at once: motion is unwelcome here
    negative = forces.get_by_role("slider", name="negative 1")
    negative.press("Home")
    assert state("cl-forces")["k"][1] == state("cl-forces")["a"]
    negative.press("n")
    assert len(state("cl-forces")["k"]) == 6
    negative.press("Delete")
    assert len(state("cl-forces")["k"]) == 5
    says = forces.locator(".cl-play__says")
    before = says.text_content()
    forces.locator("input[type=number]").fill("0.5")
    page.wait_for_timeout(350)
    assert says.text_content() != before
    assert "f.t=0.5" in page.url
    forces.get_by_role("button", name="Copy link").click()
    assert "f.t=0.5" in page.evaluate("navigator.clipboard.readText()")
    forces.get_by_role("button", name="Reset").click()
    assert state("cl-forces") == WIDGETS["cl-forces"].start
    friend = page.locator("cl-false").get_by_role("slider", name="negative 2")
    friend.press("f")
    assert state("cl-false")["f"] == [1, 2]
    friend.click()
    assert state("cl-false")["f"] == [1]
    guess = page.locator("cl-au .cl-play__predict label").first
    guess.click()
    assert guess.inner_text() in page.locator("cl-au .cl-play__guess").text_content()
    page.locator("cl-train").get_by_role("button", name="Train", exact=True).click()
    assert state("cl-train")["n"] == 100
    trail = page.locator("cl-au .curve[data-role=anchor]")
    assert trail.count() == 1  # the run in the plane

    # Another page and back, by whichever navigation the theme chose: they live again, once.
    page.locator("nav a", has_text="Temperature").first.click()
    page.wait_for_url("**/temperature/*")
    page.locator("cl-tau").scroll_into_view_if_needed()
    page.wait_for_selector("cl-tau.is-alive")
    page.locator("nav a", has_text="Play").first.click()
    page.wait_for_url("**/play/*")
    page.wait_for_function(AWAKE)
    assert not elsewhere
    context.close()


# Each challenge by keys alone: where the focus goes and what is pressed there (`=text` is typed,
# `>value` is chosen with the arrows), and what has to be true of the values `v` in the end.
CHALLENGES: list[tuple[str, list[tuple[str, str]], str]] = [
    ("cl-eq", [("[data-do=equal]", "Enter")], "Math.abs(v.loss - Math.log(6)) < 1e-12"),
    (
        "cl-eq",
        [("[data-handle=c1]", "ArrowRight*5")] + [(f"[data-handle=c{k}]", "Home") for k in "2345"],
        "v.loss > Math.log(2) && v.loss < 0.6941",
    ),
    ("cl-eq", [("[data-do=shift]", "Enter")], "v.loss.toFixed(6) === '0.725278'"),
    ("cl-forces", [("[data-do=go]", "Space")], "Math.abs(v.slope) < 1e-2 && s.a === 38.23"),
    ("cl-forces", [("[data-handle=k1]", "Home")], "Math.abs(v.parts[1]) < 1e-12 && v.p[1] > 0.4"),
    ("cl-forces", [("[data-handle=k1]", "End")], "Math.abs(v.parts[1]) < 1e-12 && v.p[1] > 0"),
    ("cl-forces", [("[data-handle=k1]", "Shift+ArrowLeft*3")], "v.onS[1] < -v.onS[0]"),
    (
        "cl-forces",
        [("[type=number][name='f.t']", "=1"), ("[data-do=all]", "Enter")],
        "v.s[0] > 1 - 1e-6 && v.s.slice(1).every(s => s < 1e-6 - 1)",
    ),
    ("cl-tau", [("[type=number][name='tau.t']", "=0.1825")], "Math.abs(v.neff - 2) < 1e-3"),
    ("cl-tau", [("[type=number][name='tau.t']", "=0.4132")], "Math.abs(v.wHardest - 0.5) < 1e-4"),
    ("cl-tau", [("[type=number][name='tau.t']", "=0.039")], "v.push.toFixed(3) === '5.567'"),
    (
        "cl-tau",
        [("[data-handle=c0]", "ArrowLeft*5"), ("[data-handle=c1]", "ArrowRight*5")],
        "v.bestTau.toFixed(4) === '0.1543'",
    ),
    ("cl-false", [("[type=number][name='fn.t']", "=0.7194")], "Math.abs(v.share - 0.5) < 1e-4"),
    ("cl-false", [("fn.x", ">mask")], "v.turn.toFixed(1) === '46.0' && v.loss < v.plainLoss"),
    ("cl-false", [("[data-handle=k1]", "Shift+ArrowRight*15")], "v.share < 0.01"),
    ("cl-batch", [("[type=range][name='b.m']", "ArrowRight*4")], "v.predicted > -0.01"),
    (
        "cl-batch",
        [("b.d", ">64"), ("[type=number][name='b.t']", "=0.05")],
        "v.needed > 5e3 && s.d === '64'",
    ),
    ("cl-batch", [("[type=range][name='b.m']", "ArrowLeft*2")], "v.bias < 2 * v.predicted"),
    ("cl-batch", [("[type=range][name='b.m']", "ArrowRight*2")], "v.turn > 4 && v.turn < 4.4"),
    ("cl-train", [("[data-do=play]", "Enter*10")], "s.n === 1000 && v.left < 1e-4"),
    (
        "cl-train",
        [("tr.d", ">3"), ("[data-do=play]", "Enter*10")],
        "v.loss < 0.2 && v.left > 0",  # lower than the polygon of the circle
    ),
    (
        "cl-train",
        [("tr.g", ">align"), ("[data-do=play]", "Enter*5")],
        "v.align < 1e-6 && v.loss < v.collapse",
    ),
    (
        "cl-train",
        [
            ("[type=number][name='tr.t']", "=0.02"),
            ("[type=number][name='tr.lr']", "=0.005"),
            ("[data-do=play]", "Enter*10"),
        ],
        "v.left > 1e-6 && v.loss < 1e-2",
    ),
    (
        "cl-train",
        [
            ("[type=number][name='tr.c']", "=4"),
            ("tr.g", ">supervised"),
            ("[data-do=play]", "Enter*10"),
        ],
        "v.left < 1e-6 && v.friends > 0.9",
    ),
    (
        "cl-train",
        [
            ("tr.d", ">3"),
            ("[data-handle=globe]", "ArrowRight*3"),
            ("[data-handle=globe]", "ArrowUp"),
        ],
        "s.y === 33 && s.x === 16",
    ),
    ("cl-mi", [("[type=range][name='mi.n']", "End")], "s.n === 4096 && v.cap > v.information"),
    (
        "cl-mi",
        [("[type=number][name='mi.d']", "=1"), ("[type=number][name='mi.r']", "=0.8")],
        "v.cap > v.information && Math.abs(v.estimate - v.information) < 4 * v.error",
    ),
    ("cl-mi", [("mi.q", ">wrong")], "v.estimate < v.information"),
    ("cl-au", [("[type=range][name='au.n']", "Home")], "v.uniform < v.circle && v.align === 0"),
    (
        "cl-au",
        [("[type=range][name='au.w']", "Home"), ("[type=range][name='au.n']", "Home")],
        "v.align === 0 && v.uniform === 0",
    ),
    (
        "cl-clip",
        [
            ("clip.v", ">zero"),
            ("[type=number][name='clip.i']", "=551"),
            ("[name='clip.c']", "=animal/camel, food/drink"),
        ],
        "v.answer === 0 && v.pBest > 0.9",
    ),
    (
        "cl-clip",
        [("[name='clip.q']", "=dog bites man"), ("[name='clip.r']", "=man bites dog")],
        "Math.abs(v.pair - 1) < 1e-12 && v.order.length === 1594",
    ),
    (
        "cl-clip",
        [("clip.v", ">gap"), ("[data-do=mean]", "Enter")],
        "v.gap < 0.01 && v.gapRight.toFixed(3) === '0.105' && v.gapLoss < 6.66",
    ),
]


def test_the_temperature_at_the_start_is_that_of_the_model():
    scale = clip_file()["scale"]
    assert WIDGETS["cl-clip"].start["t"] == round(1 / scale, 4)


def test_pointing_at_a_cell_chooses_it(browser, served):
    """And the batch of the checkpoints is the same, read differently."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(served + "play/?clip.v=matrix&clip.k=0&clip.t=0.1")
    page.wait_for_function(AWAKE)
    element = page.locator("cl-clip")
    before = element.evaluate("e => [e.values.batch, e.values.loss]")
    element.locator("[data-handle='2-5']").hover()
    assert element.evaluate("e => [e.state.a, e.state.b]") == [2, 5]
    element.locator("input[type=range][name='clip.k']").press("End")
    after = element.evaluate("e => [e.values.batch, e.values.loss]")
    assert after[0] == before[0]
    assert after[1] < before[1]
    page.close()


def test_every_challenge_by_keyboard_alone(browser, served):
    """In the dark, 390 px wide: no pointer, and the focus can always be seen."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(served + "play/")
    page.wait_for_function(AWAKE)
    failed = []
    for name, steps, wanted in CHALLENGES:
        element = page.locator(name)
        element.locator("[data-do=reset]").press("Enter")
        for place, what in steps:
            if what[0] == ">":
                place = f"[name='{place}']"
                element.locator(f"{place}:checked").focus()
                for _ in range(element.locator(place).count()):
                    if page.evaluate("document.activeElement.value") != what[1:]:
                        page.keyboard.press("ArrowRight")
                continue
            element.locator(place).focus()
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            if what[0] == "=":
                page.keyboard.press("Control+A")
                page.keyboard.type(what[1:])
                continue
            key, _, times = what.partition("*")
            for _ in range(int(times or 1)):
                page.keyboard.press(key)
        if not element.evaluate(f"({{ state: s, values: v }}) => {wanted}"):
            failed.append((name, steps, wanted, element.evaluate("e => e.state")))
    assert not failed
    context.close()


def test_answers_and_controls_are_reached_with_the_tab_key(browser, served):
    """From the first to the last: disclosures open by Enter, and no control is passed over."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(served + "play/")
    page.wait_for_function(AWAKE)
    count = page.locator(".cl-play__challenges > summary").count()
    assert count == len(NAMES)
    for summary in page.locator(".cl-play__challenges summary").all():  # outer ones first
        summary.press("Enter")
    assert page.evaluate(
        "[...document.querySelectorAll('.cl-play__challenges details')].every(d => d.open)"
    )
    page.evaluate("""() => {
      const wanted = "summary, button, a[href], [tabindex='0'], :is(input, [type=radio]:checked)" +
        ":not([type=radio]:not(:checked))";
      window.missed = new Set([...document.querySelectorAll(".cl-play")].flatMap(e =>
        [...e.querySelectorAll(wanted)].filter(x => x.checkVisibility())));
      window.least = window.missed.size;
      document.addEventListener("focusin", ({ target }) => window.missed.delete(target));
      document.querySelector(".cl-play summary, .cl-play [tabindex='0']").focus();
    }""")
    least = page.evaluate("window.least")
    assert least > 150
    for _ in range(least + 60):
        page.keyboard.press("Tab")
    assert page.evaluate("[...window.missed].map(e => e.outerHTML.slice(0, 120))") == []
    context.close()


@pytest.mark.parametrize("instant", [True, False])
def test_with_and_without_instant_navigation(browser, served, instant):
    """The theme may replace the content of the page, or load another: the interactives live."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()

    def changed(route: Any, before: str, after: str) -> None:
        answer = route.fetch()
        body = answer.text()
        assert before in body
        route.fulfill(response=answer, body=body.replace(before, after))

    if instant:  # the theme only takes what its map of the site lists, which names no port
        address = (ROOT / "site" / "sitemap.xml").read_text(encoding="utf-8")
        host = re.findall(r"<loc>(https?://[^/]*/)", address)[0]
        page.route("**/sitemap.xml", lambda route: changed(route, host, served))
    else:
        page.route("**/", lambda route: changed(route, '"navigation.instant", ', ""))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(served + "play/?tau.t=0.5&clip.q=cat", wait_until="networkidle")  # with the sitemap
    page.evaluate("window.stays = 1")
    for text, path in (
        ("Temperature", "temperature"),
        ("Play", "play"),
        ("Zero-shot and search", "zero-shot"),
    ):
        page.locator("nav a", has_text=text).first.evaluate("e => e.click()")
        page.wait_for_url(f"**/{path}/")
        assert page.evaluate("Boolean(window.stays)") == instant
        page.wait_for_function("""() => {
          window.cl?.wake();
          const all = [...document.querySelectorAll(".cl-play")];
          return all.length && all.every(e => e.matches(".is-alive"));
        }""")
        scripts = page.locator("head script[src*='/cl-']").evaluate_all("s => s.map(e => e.src)")
        assert len(scripts) == len(set(scripts))  # none twice
    page.locator("[name='clip.q']").fill("guitar")
    assert "guitar" in page.locator("cl-clip svg [role=img]").first.get_attribute("aria-label")
    assert not errors
    context.close()


def test_pages_that_are_left_are_forgotten(browser, served):
    """Fifty times away and back: no more elements, listeners or memory than after ten."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(served + "play/")
    page.wait_for_function(AWAKE)
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable")
    leave = """times => {
      const content = document.querySelector("article");
      window.kept ??= [...document.querySelectorAll(".cl-play")].map(e => {
        const copy = document.createElement("template");
        e.remove();
        copy.innerHTML = e.outerHTML;
        return copy;
      });
      content.replaceChildren();  // the rest of the page takes time, and tells nothing
      for (let n = 0; n < times; n++)
        for (const copy of window.kept) {  // one at a time: less to lay out
          const fresh = document.importNode(copy.content, true).firstChild;
          content.append(fresh);
          fresh.remove();
        }
    }"""

    def measured(times: int) -> dict[str, float]:
        page.evaluate(leave, times)
        page.wait_for_timeout(300)
        devtools.send("HeapProfiler.collectGarbage")
        found = devtools.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in found}

    first, then = measured(10), measured(50)
    assert then["Nodes"] <= first["Nodes"] + 200
    assert then["JSEventListeners"] <= first["JSEventListeners"] + 20
    assert then["JSHeapUsedSize"] <= first["JSHeapUsedSize"] * 1.1 + 500_000
    context.close()


def test_pages_of_instant_navigation_are_forgotten(browser, served):
    """The theme replaces the content of the page: the contents before must be free to go."""
    address = (ROOT / "site" / "sitemap.xml").read_text(encoding="utf-8")
    host = re.findall(r"<loc>(https?://[^/]*/)", address)[0]
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.route("**/sitemap.xml", lambda r: r.fulfill(body=address.replace(host, served)))
    page.goto(served + "siglip/", wait_until="networkidle")
    page.evaluate("window.stays = 1")
    devtools = context.new_cdp_session(page)
    nodes = []
    for path in ("sentences", "siglip") * 4:
        page.locator(f"nav a[href$='/{path}/']").first.evaluate("e => e.click()")
        page.wait_for_url(f"**/{path}/")
        page.wait_for_function(
            f"document.querySelector('[rel=canonical]').href.endsWith('/{path}/')"
        )
        page.wait_for_timeout(300)
        devtools.send("HeapProfiler.collectGarbage")
        nodes.append(devtools.send("Memory.getDOMCounters")["nodes"])
    assert page.evaluate("window.stays")
    assert nodes[-1] <= nodes[3] + 500, nodes
    context.close()


def test_changes_are_drawn_in_time(browser, served, record_property):
    """From `set` to drawn, the median is reported: 8 ms is the aim, 33 for 256 rows of training.

    The fastest of some fails beyond three times that, where the machine is not busy with more.
    """
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(served + "play/")
    page.wait_for_function(AWAKE)
    times = page.evaluate("""() => {
      const both = xs => (xs.sort((a, b) => a - b), [xs[xs.length >> 1], xs[0]]);
      const found = {};
      for (const e of document.querySelectorAll(".cl-play")) {
        const name = "t" in e.state ? "t" : "r";
        const kind = e.spec.state[name];
        found[e.localName] = both([...Array(21)].map((_, n) => {
          const begun = performance.now();
          e.set({ [name]: kind.min + (kind.max - kind.min) * (n + 1) / 30 });
          return performance.now() - begun;
        }));
      }
      const train = document.querySelector("cl-train");
      train.set({ b: 128, n: 0, t: 0.2 });
      found["cl-train, 256 rows"] = both([...Array(11)].map(() => {
        const begun = performance.now();
        train.set({ n: train.state.n + 1 });
        return performance.now() - begun;
      }));
      return found;
    }""")
    print({name: round(median, 1) for name, (median, _) in times.items()})
    record_property("milliseconds", times)
    limits = dict.fromkeys(NAMES, 3 * 8) | {"cl-train, 256 rows": 3 * 33}
    page.close()
    if os.getloadavg()[0] <= (os.cpu_count() or 1) + 1:
        assert all(times[name][1] < limit for name, limit in limits.items()), times
