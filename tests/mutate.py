"""Try every deliberate error of mutations.toml on a copy: `python tests/mutate.py [word ...]`.

Words pick the mutations whose description holds one of them. A mutation is noticed when its test,
or the build that the test needs, fails. Results that exist are copied along, so only what a
mutation touches is executed again.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MUTATIONS = tomllib.loads((ROOT / "tests" / "mutations.toml").read_text())["mutation"]
LEFT = shutil.ignore_patterns(
    "__pycache__", ".venv", ".git", "site", "*.egg-info", "runs", "*.stamp"
)


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
    """Two at a time; the exit code says whether any went unnoticed."""
    chosen = [m for m in MUTATIONS if not words or any(w in m["what"] for w in words)]
    missed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutation, how in zip(chosen, pool.map(noticed, chosen), strict=True):
            missed += not how
            print(f"{'noticed' if how else 'MISSED '}  {mutation['what']}: {how[:110]}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} deliberate errors were noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
