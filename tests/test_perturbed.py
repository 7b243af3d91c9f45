"""Change the package on purpose: every value that depends on it has to move.

This is what makes the numbers on the pages evidence: a wrong loss cannot hide behind a page.
"""

import json
import shutil
import subprocess
import sys

import pytest

from snippets._engine import results, run, source

# name -> edits (file, before, after); `before` stands in the file at least once
PERTURBATIONS = {
    "temperature squared": [
        ("losses.py", "/ temperature", "/ temperature**2"),
        ("losses.py", ", logit_scale, layout", ", logit_scale**2, layout"),
        ("gradients.py", "/ temperature", "/ temperature**2"),
        ("temperature.py", "/ temperature", "/ temperature**2"),
        ("train/sweep.py", "torch.as_tensor(temperature, dtype=z.dtype)",
         "torch.as_tensor(temperature, dtype=z.dtype).square()"),
    ],
    "sign of the positive": [
        ("tiles.py", "x = total - positive", "x = total + positive"),
        ("gradients.py", "-others.sum(-1", "+others.sum(-1"),
    ],
    "one nat too many": [
        ("tiles.py", "F.softplus(x, threshold=40)", "F.softplus(x, threshold=40) + 1"),
        ("geometry.py", "return scale + math.log(total)", "return scale + math.log(total) + 1"),
        ("geometry.py", "- math.log(len(squared))", "- math.log(len(squared)) + 1"),
        ("geometry.py", 'return unit_rows("image", image)', 'return 2 * unit_rows("image", image)'),
        ("diagnose.py", "return Floor(", "return Floor(1 + "),
    ],
}  # fmt: skip
TRAINED = {  # what training decides; baselines and sizes in the same snippets do not move
    "digits_few_labels": {"trained", "gain"},  # errors of neighbours are few: as many by chance
    "negatives_runs": {"by_negatives", "by_last_negatives", "at_pictures", "at_steps"},
    "sounds_clip": {"new_share", "known_share"},
    "names_clip": {"german", "russian_share"},
    "modality_gap_trained": {"after_learned", "after_cold", "after_warm", "scale"},
    "temperature_runs": {"over_cold", "over_hot", "share_cold", "share_middle"},
    "false_negatives_runs": {"near_none", "near_half", "near_all", "one_none"},
    "views_clothes": set(),  # pictures alone
    "views_strip": set(),  # pictures alone
    # read from files: the hash of code and data, and `reproduce --check`, hold those
    **{name: set[str]() for name in ("play_clip", "recorded_clothes", "recorded_emoji_clip")},
    **{name: set[str]() for name in ("recorded_fashion", "recorded_longer")},
    "identifiability": {"least_loss", "most_loss", "best_r2", "worst_r2"},
    "emoji_clip": {"seen1", "seen10", "new1", "new10", "scale"},
}
# Values of self-contained code, dependent in name only: the package's call below it reuses a name.
BY_NAME_ONLY = {
    "cached_gradients": {
        *("N", "chunk", "accumulated_cosine", "accumulated_length"),
        *("cached_cosine", "error", "fresh", "normed", "replayed"),
    },
    "siglip_or_softmax": {"siglip_before", "siglip_after"},
    "stable_loss": {"naive_overflows", "shifted_cold", "stable_cold", "stable_colder", "wrong"},
}
RUN = """
import json, multiprocessing, pathlib, sys, tempfile
package, root, *names = sys.argv[1:]
sys.path[:0] = [package, root]
import infonce, torch
assert infonce.__file__.startswith(package)
from snippets._engine import run

def values(name):
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(root, "snippets", name + ".py")
        return name, run.run_snippet(path, pathlib.Path(folder), draw=False)["values"]

with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
    json.dump(dict(pool.imap_unordered(values, names)), sys.stdout)
"""


def values_under(perturbation: str, names: list[str], tmp_path) -> dict:
    package = tmp_path / "infonce"
    ignore = shutil.ignore_patterns("__pycache__", "emoji")
    shutil.copytree(run.ROOT / "infonce", package, ignore=ignore)
    (package / "emoji").symlink_to(run.ROOT / "infonce" / "emoji")
    for name, before, after in PERTURBATIONS[perturbation]:
        text = (package / name).read_text()
        assert before in text, f"{name} no longer holds {before!r}"
        (package / name).write_text(text.replace(before, after))
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path), str(run.ROOT), *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def moved(name: str, perturbed: dict) -> set[str]:
    before = results.result(name)["values"]
    assert before.keys() == perturbed.keys()
    return {key for key in before if before[key] != perturbed[key]}


@pytest.fixture(scope="module")
def dependent() -> dict[str, frozenset[str]]:
    """Snippet -> keys that the package's losses, gradients or weights go into."""
    read = [source.read(p) for p in run.snippet_paths()]
    found = {
        s.name: s.from_package - BY_NAME_ONLY.get(s.name, set())
        for s in read
        if "infonce" in s.text
    }
    return {name: keys for name, keys in found.items() if name not in TRAINED}


@pytest.fixture(scope="module")
def squared(dependent, tmp_path_factory) -> dict[str, dict]:
    return values_under("temperature squared", list(dependent), tmp_path_factory.mktemp("squared"))


def test_every_dependent_value_moves(dependent, squared, tmp_path):
    assert sum(map(len, dependent.values())) > 25
    left = {name: set(keys) for name, keys in dependent.items()}
    first, *others = PERTURBATIONS
    assert first == "temperature squared"
    found = [squared]
    for number, perturbation in enumerate(others):
        folder = tmp_path / str(number)
        folder.mkdir()
        found.append(values_under(perturbation, list(dependent), folder))
    for values in found:
        for name, perturbed in values.items():
            left[name] -= moved(name, perturbed)
    still = {name: keys for name, keys in left.items() if keys}
    assert not still, f"no change of the package moves {still}"


def test_what_does_not_depend_does_not_move(dependent, squared):
    """The self-contained code next to the package's call is evidence of its own."""
    for name, perturbed in squared.items():
        assert moved(name, perturbed) <= dependent[name]


def test_trained_values_move(tmp_path):
    names = [name for name, keys in TRAINED.items() if keys]
    for name, perturbed in values_under("temperature squared", names, tmp_path).items():
        assert moved(name, perturbed) >= TRAINED[name]
