"""The package as a file to install, made by its own build backend: same sources, same bytes."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import run

FILES = ("pyproject.toml", "README.md", "LICENSE", "constraints.txt")  # beside the package
BUILD = "import sys, setuptools.build_meta as backend; print(backend.build_wheel(sys.argv[1]))"


def wheel() -> tuple[str, bytes]:
    """Name and content; built again only when what goes into it has changed."""
    files = [*run.files_below(run.ROOT / "infonce"), *(run.ROOT / name for name in FILES)]
    kept = run.ROOT / ".cache" / "wheel" / run.digest(files)
    if not kept.exists():
        shutil.rmtree(kept.parent, ignore_errors=True)  # what earlier sources gave
        build(kept)
    (path,) = kept.glob("*.whl")
    return path.name, path.read_bytes()


def build(folder: Path) -> None:
    """Build a copy, in which nothing lies about that the project does not hold."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        copy, made = Path(scratch, "copy"), Path(scratch, "made")
        shutil.copytree(
            run.ROOT / "infonce", copy / "infonce", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in FILES:
            shutil.copyfile(run.ROOT / name, copy / name)
        for path in copy.rglob("*"):  # whatever a clone's umask made of them
            path.chmod(0o755 if path.is_dir() else 0o644)
        made.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", BUILD, str(made)],
            cwd=copy,
            env={**os.environ, "SOURCE_DATE_EPOCH": "315532800"},  # 1980: the least a zip can say
            umask=0o022,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        made.replace(folder)
