"""Write what the site needs and nobody types: listings of snippets, figures, the package."""

import base64
import json
from pathlib import Path

from . import cards, results, run, wheel

DOCS = run.ROOT / "docs"
FIGURES = DOCS / "figures"
CODE = DOCS / "code"
LABS = DOCS / "labs"
DATA = DOCS / "assets" / "data"
OFFLINE = DATA / "offline"
DOWNLOAD = DOCS / "download"


def write_all(folders: dict[str, Path]) -> None:
    """Bring docs/code, docs/figures, the executed labs and the package in line with it all."""
    results.forget()
    wanted: dict[Path, bytes] = {}
    for path in run.snippet_paths():
        wanted[CODE / f"{path.stem}.md"] = cards.listing(path).encode()
        if results.result(path.stem)["figure"]:
            for kind in ("svg", "pdf", "csv"):
                name = f"{path.stem}.{kind}"
                wanted[FIGURES / name] = (folders[path.stem] / name).read_bytes()
    for path in run.lab_paths():
        notebook = folders[path.stem] / f"{path.stem}.ipynb"
        wanted[LABS / notebook.name] = notebook.read_bytes()
    for path in DATA.glob("*.bin"):
        wanted[OFFLINE / f"{path.stem}.js"] = offline(path).encode()
    name, content = wheel.wheel()
    wanted[DOWNLOAD / name] = content
    for path, content in wanted.items():
        if not path.exists() or path.read_bytes() != content:  # leave times alone: servers watch
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    generated = [*CODE.glob("*"), *FIGURES.glob("*"), *LABS.glob("*.ipynb"), *OFFLINE.glob("*")]
    generated += DOWNLOAD.glob("*")
    for path in set(generated) - set(wanted):
        path.unlink()


def offline(path: Path) -> str:
    """A JSON and a binary file as one script: a page on a disk may run it, and may not fetch."""
    data = base64.b64encode(path.with_suffix(".bin").read_bytes()).decode()
    about = json.dumps(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
    return f'cl.emojiFile = {{ about: {about}, bytes: "{data}" }};\n'
