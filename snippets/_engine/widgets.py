"""The HTML of an interactive: what a page shows before, and without, its script."""

import re

from . import registry, run

FOLDER = run.ROOT / "docs" / "widgets"


def names() -> list[str]:
    """The custom elements of the site: one file of `docs/widgets/` each."""
    return sorted(path.stem for path in FOLDER.glob("cl-*.md"))


def widget(name: str, option: str | None) -> str:
    """`[[widget cl-...]]`: the whole; with `| compact`, the picture and its controls alone.

    A file holds the picture, the controls and the read-outs above a line `---`, and the text
    and the challenges below it.
    """
    if name not in names() or option not in (None, "compact"):
        raise registry.RegistryError(f"[[widget {name} | {option}]]: no such interactive")
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    top, below = text.split("\n---\n", 1)
    symbols = " ".join(dict.fromkeys(re.findall(r'data-sym="(\w+)"', text)))
    if option:
        return f'\n<{name} class="cl-play cl-play--compact" markdown>\n{top}\n</{name}>\n'
    return f"""
<{name} id="{name}" class="cl-play" data-symbols="{symbols}" markdown>
{top}

<div class="cl-play__more" markdown>

{below}

<details class="cl-play__data"><summary>The same as a table</summary>
<div class="cl-table" tabindex="0"><table class="cl-play__table"></table></div></details>
<details class="cl-play__python"><summary>Same numbers in Python</summary>
<pre tabindex="0"><code></code></pre>
<button class="cl-copy" type="button" data-copy="">Copy code</button></details>
<div class="cl-play__buttons">
<button class="cl-play__link cl-copy" type="button" data-copy="">Copy link to this state</button>
<button type="button" data-do="reset">Reset</button>
</div>

</div>

</{name}>
"""
