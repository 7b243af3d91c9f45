"""Run every snippet and lab once; keep what they gave under a hash of what made it.

torch is imported once, before the first fork; each snippet then runs in a process of its own,
on one thread, so that a snippet can neither see nor slow another.
"""

import ast
import contextlib
import fcntl
import hashlib
import io
import json
import math
import multiprocessing as mp
import numbers
import os
import shutil
import sys
import time
import traceback
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from tqdm import tqdm

from . import source

ROOT = Path(__file__).resolve().parents[2]
SNIPPETS = ROOT / "snippets"
LABS = ROOT / "docs" / "labs"
CACHE = ROOT / ".cache" / "results"
KEPT = 3  # generations of results: going back to an earlier state runs nothing again


class ExecutionError(Exception):
    """A snippet or lab failed; the message is its traceback."""


def snippet_paths() -> list[Path]:
    return sorted(SNIPPETS.glob("*.py"))


def lab_paths() -> list[Path]:
    return sorted(LABS.glob("*.py"))


def digest(paths: list[Path]) -> str:
    """SHA-256 over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def files_below(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def surroundings() -> str:
    """What every result depends on: package, data, records, engine, pinned versions, Python."""
    here = Path(__file__).parent
    engine = [
        here / name for name in ("run.py", "source.py", "labs.py", "figures.py", "plotted.py")
    ]
    package = [p for p in files_below(ROOT / "infonce") if not p.name.endswith((".md", ".typed"))]
    data = files_below(ROOT / "docs" / "assets" / "data")
    given = [p for p in data if "offline" not in p.parts]  # that one is made by the build
    return f"{digest([*engine, *package, *given, ROOT / 'constraints.txt'])}-{sys.version}"


def folder_of(path: Path, around: str) -> Path:
    """Where the results of this file are kept, as long as nothing they depend on changes."""
    key = hashlib.sha256(f"{around}-{digest([path])}".encode()).hexdigest()[:20]
    return CACHE / f"{path.parent.name}.{path.stem}.{key}"


def execute() -> dict[str, Path]:
    """Bring all results up to date; returns each file's folder of results, by its stem.

    One process at a time: a second one waits. A file that changes while it runs gives a result
    that belongs to nothing; it is thrown away and the file runs again.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folders = _folders()
        while stale := {path: f for path, f in folders.items() if not f.exists()}:
            _run_all(stale)
            folders = _folders()
        for folder in folders.values():
            os.utime(folder)  # in use now
        by_use = sorted(CACHE.iterdir(), key=lambda f: f.stat().st_mtime, reverse=True)
        for folder in by_use[KEPT * len(folders) :]:
            remove(folder)
    return {path.stem: folder for path, folder in folders.items()}


def _folders() -> dict[Path, Path]:
    around = surroundings()
    return {path: folder_of(path, around) for path in [*lab_paths(), *snippet_paths()]}


def remove(path: Path) -> None:
    """Delete a folder of results, or what a killed run left behind."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _run_all(jobs: dict[Path, Path]) -> None:
    import matplotlib.pyplot
    import torch  # imported here, once, for all the forks

    del matplotlib, torch
    context = mp.get_context("fork")
    pending, running = list(jobs.items()), {}
    bar = tqdm(total=len(jobs), desc="running", unit="file", disable=None)
    try:
        while pending or running:
            while pending and len(running) < (os.cpu_count() or 1):
                path, folder = pending.pop(0)
                process = context.Process(target=_work, args=(path, folder))
                process.start()
                running[process.sentinel] = (process, path, folder, time.monotonic())
            for sentinel in wait(list(running)):
                process, path, folder, started = running.pop(sentinel)
                process.join()
                if process.exitcode != 0:
                    log = _failure_log(folder)
                    why = log.read_text() if log.exists() else f"exit code {process.exitcode}"
                    log.unlink(missing_ok=True)
                    raise ExecutionError(f"{path.relative_to(ROOT)} failed\n{why}")
                bar.update()
                bar.set_postfix_str(f"{path.stem} {time.monotonic() - started:.1f} s")
    finally:
        bar.close()
        for process, *_ in running.values():
            process.terminate()
            process.join()


def _failure_log(folder: Path) -> Path:
    return CACHE / f"{folder.name}.failed"


def _work(path: Path, folder: Path) -> None:
    """In the child: run one file into a temporary folder, then rename it into place."""
    scratch = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    scratch.mkdir(parents=True)
    try:
        if path.parent == LABS:
            from . import labs

            labs.save(path, scratch)
        else:
            import torch

            torch.set_num_threads(1)
            run_snippet(path, scratch)
        if folder_of(path, surroundings()) == folder:  # nothing changed meanwhile
            scratch.rename(folder)
        else:
            remove(scratch)
    except BaseException as error:
        remove(scratch)
        ours = isinstance(error, source.SnippetError)
        _failure_log(folder).write_text(str(error) if ours else traceback.format_exc())
        os._exit(1)


def run_snippet(path: Path, folder: Path, *, draw: bool = True) -> dict[str, Any]:
    """Execute a snippet; write result.json and (unless told not to) its figure.

    Statements run one by one, so that what each section printed is known.
    """
    parsed = source.read(path)
    names: dict[str, Any] = {"__name__": parsed.name, "__file__": str(path)}
    printed: list[tuple[int, str]] = []  # first line of a statement, what it printed
    for statement in parsed.tree.body:
        code = compile(ast.Module([statement], []), str(path), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(code, names)
        printed.append((statement.lineno, out.getvalue()))
    result = {
        "stdout": "".join(text for _, text in printed),
        "sections": {
            name: "".join(text for line, text in printed if first <= line <= last)
            for name, (first, last) in parsed.sections.items()
        },
        "values": {key: plain(key, value, path) for key, value in names.get("VALUES", {}).items()},
        "lines": parsed.value_lines,
        "figure": "figure" in names,
    }
    if draw and "figure" in names:
        from . import figures

        figures.style()
        inline = figures.save(names["figure"](), parsed.name, folder)
        (folder / f"{parsed.name}.inline.svg").write_text(inline, encoding="utf-8")
    (folder / "result.json").write_text(
        json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8"
    )
    return result


def plain(key: str, value: Any, path: Path) -> float | int | str | bool:
    """A value as JSON keeps it: raw, unrounded; torch and NumPy scalars become Python's."""
    if not isinstance(value, str | bool | numbers.Number) and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, str | bool):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        value = float(value)
        if math.isfinite(value):
            return value
    raise source.SnippetError(
        f"{path}: VALUES[{key!r}] is one finite number or a text, got {value!r}"
    )
