"""Change every number that a page shows, and try every error of mutations.toml on a copy.

`python tests/mutate.py [word ...]`; words pick the errors whose description holds one of them, and
`numbers` alone picks the numbers. An error is noticed when its test, or the build that the test
needs, fails. Results that exist are copied along, so only what it touches is executed again.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MUTATIONS = tomllib.loads((ROOT / "tests" / "mutations.toml").read_text())["mutation"]
LEFT = shutil.ignore_patterns(
    "__pycache__", ".venv", ".git", "site", "*.egg-info", "runs", "*.stamp"
)


def numbers() -> list[str]:
    """The shown values whose last digit may change without a claim that turns red."""
    sys.path.insert(0, str(ROOT))
    from snippets._engine import results
    from tests import trained
    from tests.claims import CLAIMS
    from tests.test_pages import used

    record = json.loads(trained.RECORD.read_text())
    recorded = record["shown"] if trained.rounding() == record["rounding"] else {}
    missed, tried = [], 0
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
    print(f"{tried - len(missed)} of {tried} changed numbers were noticed", flush=True)
    return missed


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


def noticed(mutation: dict[str, Any]) -> str:
    """Empty if the test stayed green, else the line with which it failed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(ROOT, copy, ignore=LEFT, symlinks=True)
        file = copy / mutation["file"]
        text = file.read_text()
        assert text.count(mutation["before"]) == 1, f"not once in {file}: {mutation['before']!r}"
        file.write_text(text.replace(mutation["before"], mutation["after"]))
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        commands = [[sys.executable, "-m", "pytest", "-q", "-x", "--no-header", mutation["test"]]]
        if mutation["file"].startswith("snippets/"):  # what the pages show is what it gives now
            commands.insert(0, [sys.executable, "-m", "snippets._engine", "execute"])
        for command in commands:
            done = subprocess.run(
                command, cwd=copy, env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode not in (0, 1):
                raise RuntimeError(f"{mutation['what']}: {done.stdout}{done.stderr}")
            if done.returncode == 1:
                lines = (done.stdout + done.stderr).strip().splitlines()
                failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
                return (failed or lines)[-1]
    return ""


def main(words: list[str]) -> int:
    """Numbers, then errors, two at a time; the exit code says whether any went unnoticed."""
    unseen = numbers() if words in ([], ["numbers"]) else []
    for what in unseen:
        print(f"MISSED   {what}")
    if words == ["numbers"]:
        return 1 if unseen else 0
    chosen = [m for m in MUTATIONS if not words or any(w in m["what"] for w in words)]
    missed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutation, how in zip(chosen, pool.map(noticed, chosen), strict=True):
            missed += not how
            print(f"{'noticed' if how else 'MISSED '}  {mutation['what']}: {how[:110]}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} deliberate errors were noticed")
    return 1 if missed or unseen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
