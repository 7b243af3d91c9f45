"""The build: `python -m snippets._engine [execute | site | serve | seconds [name ...]]`."""

import hashlib
import multiprocessing
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import pages, results, run

SITE = run.ROOT / "site"
STAMP = run.ROOT / ".cache" / "site.stamp"
MKDOCS = [sys.executable, "-m", "mkdocs"]
ENVIRONMENT = {
    **os.environ,
    "NO_MKDOCS_2_WARNING": "1",  # the theme's note on its own future
    "SOURCE_DATE_EPOCH": "0",  # no date of today in the sitemap
}


def execute() -> None:
    """Run what changed; write what the pages need."""
    folders = run.execute()
    results.publish(folders)
    pages.write_all(folders)


def inputs() -> str:
    """A hash of everything the built site is made of."""
    files = [
        *run.files_below(run.ROOT / "docs"),
        *run.files_below(run.ROOT / "snippets"),
        *run.files_below(run.ROOT / "infonce"),
        *(run.ROOT / n for n in ("mkdocs.yml", "constraints.txt", "CITATION.cff", "CHANGELOG.md")),
    ]
    address = os.environ.get("SITE_URL")
    return hashlib.sha256(f"{run.digest(files)}-{address}-{sys.version}".encode()).hexdigest()


def site() -> None:
    """Execute, then build the static site into site/ unless it is already that site."""
    started = time.monotonic()
    execute()
    now = inputs()
    if STAMP.exists() and STAMP.read_text() == now and (SITE / "index.html").exists():
        print(f"site/ is up to date ({time.monotonic() - started:.1f} s)")
        return
    STAMP.unlink(missing_ok=True)
    done = subprocess.run(
        [*MKDOCS, "build", "--strict"],
        cwd=run.ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    problems = [line for line in done.stderr.splitlines() if line.startswith(("WARN", "ERROR"))]
    if done.returncode or problems:
        sys.exit(done.stdout + done.stderr)
    STAMP.write_text(now)
    print(f"site/ is built ({time.monotonic() - started:.1f} s)")


def serve(address: str = "127.0.0.1:8000") -> None:
    """Execute, serve, and execute again whenever a snippet, a lab or the package changes."""
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        if not port.isdecimal() or probe.connect_ex((host, int(port))) == 0:
            sys.exit(f"cannot serve on {address}: it is taken, or not HOST:PORT")
    execute()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # take the server along
    print(f"serving on http://{address}/ (stop with Ctrl-C)", flush=True)
    server = subprocess.Popen(
        [*MKDOCS, "serve", "--dev-addr", address], cwd=run.ROOT, env=ENVIRONMENT
    )
    try:
        seen = _watched()
        while server.poll() is None:
            time.sleep(0.5)
            if (now := _watched()) != seen:
                seen = now
                subprocess.run([sys.executable, "-m", "snippets._engine", "execute"], check=False)
    except KeyboardInterrupt:
        pass
    finally:
        server.terminate()
        server.wait()


def _watched() -> dict[Path, float]:
    files = [
        *run.snippet_paths(),
        *run.lab_paths(),
        *run.files_below(run.ROOT / "infonce"),
    ]
    return {path: path.stat().st_mtime for path in files if path.exists()}


def _once(path: Path, folder: Path) -> None:
    if path.parent == run.LABS:
        from . import labs

        labs.save(path, folder)
    else:
        import torch

        torch.set_num_threads(1)
        run.run_snippet(path, folder)


def seconds(*names: str) -> None:
    """What each file takes, nothing kept: processor seconds, one file after the other."""
    import matplotlib.pyplot
    import torch  # once, before the forks, as in a build

    del matplotlib, torch
    context = multiprocessing.get_context("fork")
    spent = {}
    for path in [*run.lab_paths(), *run.snippet_paths()]:
        if names and path.stem not in names:
            continue
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with tempfile.TemporaryDirectory() as folder:
            process = context.Process(target=_once, args=(path, Path(folder)))
            process.start()
            process.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.exitcode:
            sys.exit(f"{path.relative_to(run.ROOT)} failed")
        spent[path.stem] = sum(after[:2]) - sum(before[:2])
    for name, much in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"{much:7.1f} s  {name}")
    print(f"{sum(spent.values()):7.1f} s  all {len(spent)}")


def main() -> None:
    """Pick the command; errors of ours are one clear text, not a traceback of the engine."""
    commands = {"execute": execute, "site": site, "serve": serve, "seconds": seconds}
    command, *rest = sys.argv[1:] or ["site"]
    most = {"serve": 1, "seconds": sys.maxsize}
    if command not in commands or len(rest) > most.get(command, 0):
        sys.exit("expected one of: execute, site, serve, serve HOST:PORT, seconds [name ...]")
    try:
        commands[command](*rest)
    except (run.ExecutionError, run.source.SnippetError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
