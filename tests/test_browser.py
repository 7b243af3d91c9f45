"""The site in headless Chromium: both themes, a phone and a desk."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

# Each kind of page furniture once: axe reads these at both widths in both themes, the other pages
# at one without the contrast of colours, which all pages share and which takes axe half its time,
# and of the reference, which comes from docstrings, no more than this.
FURNITURE = ["", "loss/", "play/", "labs/simclr_digits/", "reference/glossary/", "code/info_nce/"]
# What axe finds in the theme's own markup and not in ours: rule -> why it is left.
KNOWN = {"landmark-unique": "the theme wraps each copy button of a code block in a nameless nav"}
CUT = """[...document.querySelectorAll('.cl-card__code code, .cl-versus code, .cl-output pre')]
  .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 60))"""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site as any static host would serve it, below a base path."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def translate_path(self, path: str) -> str:
            return super().translate_path(path.removeprefix("/some/base"))

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/some/base/"
        server.shutdown()


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_are_clean(browser, address, site, width):
    """No console error, no request elsewhere, no sideways scrolling, nothing axe objects to.

    All pages but those of code, which are alike: one of them. In both themes: a page comes in
    that of the page before, and is switched to the other.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda m: m.type in ("error", "warning") and problems.append(m.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    # a request that leaving the page cut short is none of the page's; a missing file is a console
    # error, and a request elsewhere is caught as it is made
    page.on(
        "requestfailed",
        lambda r: r.failure == "net::ERR_ABORTED" or problems.append(f"{r.failure}: {r.url}"),
    )
    page.on(
        "request",
        lambda r: r.url.startswith((address, "data:", "blob:")) or problems.append(r.url),
    )
    folders = (path.parent.relative_to(site) for path in sorted(site.rglob("index.html")))
    names = ["" if str(folder) == "." else f"{folder.as_posix()}/" for folder in folders]
    names = [name for name in names if not name.startswith("code/") or name in FURNITURE]
    assert set(FURNITURE) <= set(names)
    assert len(names) > 40
    for name in names:
        response = page.goto(address + name)
        assert response.status == 200, name
        schemes = [page.evaluate("document.body.dataset.mdColorScheme")]
        look(page, name, width, schemes[0])
        page.locator("label[for^=__palette]:visible").click()
        schemes.append(page.evaluate("document.body.dataset.mdColorScheme"))
        look(page, name, width, schemes[1])
        assert sorted(schemes) == ["default", "slate"], name
        assert not problems, "\n".join(problems)
    context.close()


@pytest.mark.parametrize(("prefers", "scheme"), [("light", "default"), ("dark", "slate")])
def test_the_first_page_comes_in_the_theme_that_its_reader_prefers(
    browser, address, prefers, scheme
):
    context = browser.new_context(color_scheme=prefers)
    page = context.new_page()
    page.goto(address)
    assert page.evaluate("document.body.dataset.mdColorScheme") == scheme
    context.close()


def look(page: Any, name: str, width: int, scheme: str) -> None:
    """Nothing too wide, no code cut off on a desk, and what axe says."""
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0, f"{name} is {over} px too wide at {width}"
    if width == 1440:  # on a desk, the code of a card is read without scrolling
        cut = page.evaluate(CUT)
        assert not cut, f"{name}: {cut}"
    once = (width, scheme) == (1440, "default") and not name.startswith("reference/")
    if not once and name not in FURNITURE:
        return
    page.wait_for_load_state("networkidle")
    # axe itself, without the contrast rule on text over pictures, which it cannot decide
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if name not in FURNITURE:
        options["rules"] = {"color-contrast": {"enabled": False}}
    found = Axe().run(page, options=options).response["violations"]
    problems = [
        f"{name}: {v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}"
        for v in found
        if v["id"] not in KNOWN
    ]
    assert not problems, "\n".join(problems)


def test_symbols_light_up_together(browser, address):
    """Pointing at a symbol of a card lights the same symbol in formula, table and code."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address + "loss/")
    card = page.locator("section.cl-card", has=page.locator("#eq-info-nce"))
    card.locator(".cl-symbols [data-sym=tau]").first.hover()
    lit = card.locator("[data-sym=tau].is-lit")
    for place in (".cl-card__formula", ".cl-symbols", ".cl-card__code"):
        assert card.locator(f"{place} [data-sym=tau].is-lit").count() > 0, place
    assert lit.count() == card.locator("[data-sym=tau]").count()
    assert card.locator("[data-sym=N].is-lit").count() == 0
    page.close()


def test_copy_buttons_copy(browser, address):
    """LaTeX and code land on the clipboard as they are."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address + "loss/")
    card = page.locator("section.cl-card", has=page.locator("#eq-info-nce"))
    card.get_by_role("button", name="Copy LaTeX").click()
    assert r"\frac{e^{s_{ii}/\tau}}" in page.evaluate("navigator.clipboard.readText()")
    card.get_by_role("button", name="Copy code").click()
    code = page.evaluate("navigator.clipboard.readText()")
    assert code.startswith("import numpy as np\n")
    compile(code, "copied", "exec")
    context.close()


def test_value_leads_to_its_line(browser, address):
    """A number in prose is a link; it arrives at the line of code that computed it."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address + "loss/")
    link = page.locator("a.cl-value[href*='info_nce']", has_text="2.079").first
    link.click()
    page.wait_for_url("**/code/info_nce/#L*")
    line = page.url.rsplit("#", 1)[1]
    assert "guess = infonce.info_nce(" in page.locator(f"#{line}").inner_text()
    page.close()


def test_pages_read_without_scripts(browser, address):
    """With scripts off, formulas, figures and numbers are all there."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "loss/")
    assert page.locator(".cl-card math").count() > 10
    assert page.locator("figure.cl-figure svg").count() >= 5
    assert page.locator("a.cl-value").count() > 20
    context.close()


def test_a_copied_state_opens_at_its_interactive_and_reset_stops_a_training(browser, address):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address + "play/")
    training = page.locator("cl-train")
    training.scroll_into_view_if_needed()
    training.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function("document.querySelector('cl-train').state.n > 3")
    training.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(300)
    assert training.evaluate("e => e.state.n") == 0
    assert training.get_by_role("button", name="Train", exact=True).count() == 1
    link = training.locator(".cl-play__link").get_attribute("data-copy")
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_function("document.querySelector('cl-train').state")
    top = training.evaluate("e => e.getBoundingClientRect().top")
    assert 0 <= top < 450, "in view, below the header"
    page.close()
