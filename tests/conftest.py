"""Shared by the tests of the site: the built pages, and a browser if there is one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
collect_ignore_glob = ["peers/*.py"]  # run with other libraries, not imported by pytest


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site, brought up to date first: once, by one of the processes."""
    shared = tmp_path_factory.getbasetemp().parent
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")  # the same for all processes of one run
    built = shared / f"site-{run}"
    with FileLock(shared / "site.lock"):
        if run is None or not built.exists():
            done = subprocess.run(
                [sys.executable, "-m", "snippets._engine", "site"],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            if run is not None:
                built.touch()
    return ROOT / "site"


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Headless Chromium; without one these tests are skipped, or fail where a skip is not owed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("INFONCE_NO_SKIP"):
            pytest.fail("no Chromium found, and INFONCE_NO_SKIP asks for these tests")
        pytest.skip("no Chromium found: the site was not looked at in a browser")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    """Figures of one test are gone before the next."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
