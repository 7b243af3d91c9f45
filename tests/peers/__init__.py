"""Losses of other libraries on the batch of snippets/migrate.py: `python -m tests.peers`.

Prints what the snippet records. The libraries are not needed for anything else; what is not
installed is left out. The files beside this one are shown on the page "Coming from another
library".
"""

import importlib.util
import runpy
import sys
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import torch

from snippets.migrate import hard, k, labels, q

LIBRARIES = {  # file beside this one -> name of the distribution, name of the import
    "metric_learning": ("pytorch-metric-learning", "pytorch_metric_learning"),
    "lightly_losses": ("lightly", "lightly"),
    "info_nce_losses": ("info-nce-pytorch", "info_nce"),
    "open_clip_losses": ("open-clip-torch", "open_clip"),
    "sentence_losses": ("sentence-transformers", "sentence_transformers"),
}
# Packages whose __init__ imports torchvision, which their losses do not need.
BARE = ["open_clip", "lightly.loss"]
BARE += ["lightly.models", "lightly.models.modules", "lightly.models.utils"]


def installed(file: str) -> bool:
    return importlib.util.find_spec(LIBRARIES[file][1]) is not None


def measure(file: str) -> dict[str, tuple[float, float]]:
    """For each loss of a library its value, and the norm of its gradient for `q`."""
    library = LIBRARIES[file][1]
    if importlib.util.find_spec("torchvision") is None:
        root = Path(importlib.util.find_spec(library).origin).parent
        for name in (bare for bare in BARE if bare.split(".")[0] == library):
            sys.modules[name] = package = ModuleType(name)
            package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
            package.__spec__ = ModuleSpec(name, None, is_package=True)
    query = q.clone().requires_grad_()
    given = {"q": query, "k": k, "hard": hard, "labels": labels, "torch": torch}
    ran = runpy.run_path(str(Path(__file__).with_name(f"{file}.py")), init_globals=given)
    values = {}
    for name, loss in ran["LOSSES"].items():
        (gradient,) = torch.autograd.grad(loss, query)
        values[name] = loss.item(), gradient.norm().item()
    if ran["DEFAULT"] is not None:
        values["default temperature"] = ran["DEFAULT"], 0.0
    return values


def main() -> None:
    for file, (distribution, _) in LIBRARIES.items():
        if installed(file):
            print(f'    "{distribution}": {{')
            print(f'        "version": "{version(distribution)}",')
            for name, (value, gradient) in measure(file).items():
                print(f'        "{name}": ({value!r}, {gradient!r}),')
            print("    },")
