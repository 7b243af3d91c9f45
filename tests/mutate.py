"""Change every number that a page shows, and try every error of mutations.toml on a copy.

`python tests/mutate.py [word ...]`; words pick the errors whose description holds one of them, and
`numbers` alone picks the numbers. An error is noticed when its test, or the build that the test
needs, fails. Results that exist are copied along, so only what it touches is executed again.
"""

import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from multiprocessing import connection
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
MUTATIONS = tomllib.loads((ROOT / "tests" / "mutations.toml").read_text())["mutation"]
LEFT = shutil.ignore_patterns(
    "__pycache__", ".venv", ".git", "site", "*.egg-info", "runs", "*.stamp", "*.tmp"
)


def numbers() -> None:
    """The shown values whose last digit may change without a claim that turns red."""
    sys.path.insert(0, str(ROOT))
    from snippets._engine import results
    from tests import trained
    from tests.claims import CLAIMS
    from tests.test_pages import used

    record = json.loads(trained.RECORD.read_text())
    recorded = record["shown"] if trained.rounding() == record["rounding"] else {}
    missed, tried = list[str](), 0
    for (name, key), specs in sorted(used().items()):
        value = results.value(name, key)
        for sign in (1, -1):
            changed = _changed(value, specs, sign)
            tried += 1
            try:
                CLAIMS[name][key](changed, specs)
            except AssertionError:
                continue
            texts = sorted(format(changed, spec) for spec in specs)
            if recorded.get(f"{name}.{key}", texts) == texts:
                missed.append(f"{name}.{key}: {value} shown as {texts}")
    print(f"{tried - len(missed)} of {tried} changed numbers were noticed")
    for what in missed:
        print(f"MISSED   {what}")
    sys.exit(1 if missed else 0)


def _changed(value: Any, specs: set[str], sign: int) -> Any:
    """The value with the last digit that is shown one higher, or lower."""
    if isinstance(value, str | bool):
        return f"{value}?" if isinstance(value, str) else not value
    units = []
    for spec in specs:
        text = format(value, spec)
        exponent = Decimal(text.rstrip("%").replace(",", "")).as_tuple().exponent
        units.append(10.0 ** (int(exponent) - 2 * text.endswith("%")))
    return value + sign * (int if isinstance(value, int) else float)(min(units))


def attempt(mutation: dict[str, Any], copy: Path, said: Path) -> None:
    """In a process of its own: change the copy, run the test, keep what it said."""
    os.chdir(copy)
    os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.path[:] = [str(copy), *(p for p in sys.path if Path(p).resolve() != ROOT / "tests")]
    with said.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    changed = copy / mutation["file"]
    text = changed.read_text()
    assert text.count(mutation["before"]) == 1, f"not once: {mutation['before']!r}"
    changed.write_text(text.replace(mutation["before"], mutation["after"]))
    if mutation["file"].startswith("snippets/"):  # what the pages show is what it gives now
        from snippets._engine.__main__ import execute

        execute()
    code = pytest.main(["-q", "-x", "--no-header", "-p", "no:cacheprovider", mutation["test"]])
    sys.stdout.flush()
    os._exit(int(code))


def why(mutation: dict[str, Any], code: int, said: str) -> str:
    """Empty if the test stayed green, else the line with which it failed."""
    if code not in (0, 1):
        raise RuntimeError(f"{mutation['what']}: {said}")
    lines = said.strip().splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return (failed or lines)[-1] if code else ""


def errors(chosen: list[dict[str, Any]], at_once: int) -> Iterator[tuple[dict[str, Any], str]]:
    """Each error, and how it was noticed. Forks: torch and pytest are imported once, before."""
    import matplotlib.pyplot
    import torch

    del matplotlib, torch
    context, waiting = multiprocessing.get_context("fork"), list(chosen)
    running: dict[int, tuple[Any, ...]] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            mutation, folder = waiting.pop(0), tempfile.TemporaryDirectory()
            copy, said = Path(folder.name, "copy"), Path(folder.name, "said")
            shutil.copytree(ROOT, copy, ignore=LEFT, symlinks=True)
            process = context.Process(target=attempt, args=(mutation, copy, said))
            process.start()
            running[process.sentinel] = process, mutation, folder, said
        for sentinel in connection.wait(list(running)):
            process, mutation, folder, said = running.pop(sentinel)  # pyright: ignore
            process.join()
            yield mutation, why(mutation, process.exitcode, said.read_text())
            folder.cleanup()


def main(words: list[str]) -> int:
    """Numbers, then errors; the exit code says whether any went unnoticed."""
    missed = 0
    if words in ([], ["numbers"]):
        process = multiprocessing.get_context("fork").Process(target=numbers)
        process.start()
        process.join()
        missed += bool(process.exitcode)
    chosen = [m for m in MUTATIONS if not words or any(w in m["what"] for w in words)]
    for mutation, how in errors(chosen, int(os.environ.get("AT_ONCE", 2))):
        missed += not how
        print(f"{'noticed' if how else 'MISSED '}  {mutation['what']}: {how[:110]}", flush=True)
    if chosen:
        print(f"{len(chosen)} deliberate errors were tried")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
