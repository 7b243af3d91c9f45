"""What the lab's prose concludes is what its run printed."""

import json
import re

import pytest

from snippets._engine import results


@pytest.fixture(scope="module")
def printed() -> str:
    notebook = json.loads((results.folder("simclr_digits") / "simclr_digits.ipynb").read_text())
    outputs = [o for cell in notebook["cells"] for o in cell.get("outputs", [])]
    assert not [o for o in outputs if o["output_type"] == "error"]
    return "".join("".join(o.get("text", "")) for o in outputs)


def test_sizes_that_the_prose_names(printed):
    assert "1198 pictures to train on, 599 to test on" in printed


@pytest.mark.parametrize(
    ("comparison", "verdict"),
    [
        ("ridge, 5 a class: trained z against raw pixels", "more"),
        ("ridge, 5 a class: trained z against untrained z", "more"),
        ("ridge, all labels: trained h against raw pixels", "more"),
        ("ridge, all labels: trained z against trained h", "less"),
        ("ridge, 5 a class: trained z against supervised h", "less"),
        ("ridge, all labels: trained h against supervised h", "no clear difference"),
        ("1-NN, all labels: trained h against raw pixels", "less"),
    ],
)
def test_verdicts(printed, comparison, verdict):
    assert re.search(rf"^{re.escape(comparison)}, .*: {verdict}$", printed, re.MULTILINE)


def test_order_with_one_label_a_class(printed):
    accuracies = printed.split("difference / %")[0]
    (row,) = re.findall(r"^ridge, 1 a class +(.*)$", accuracies, re.MULTILINE)
    means = [float(mean) for mean in re.findall(r"(\d+\.\d)(?: ± \d+\.\d)?", row)]
    h, z, untrained_h, untrained_z, raw = means
    (chance,) = re.findall(r"^chance: (\d+\.\d)%$", printed, re.MULTILINE)
    beside = printed.split("trained with every label")[1]
    (with_labels,) = re.findall(r"^ridge, 1 a class +(\d+\.\d)", beside, re.MULTILINE)[:1]
    assert float(with_labels) > h
    assert z > h > raw > untrained_h > untrained_z > float(chance)


def test_training_spreads_the_embedding(printed):
    rows = printed.split("\ntest pictures")[1].split("\n\n")[0]
    lie = {
        name: [float(mean) for mean in re.findall(r"(-?\d+\.\d\d)(?: ± \d+\.\d\d)?", row)]
        for name, row in re.findall(r"^((?:un)?trained [hz])(.*)$", rows, re.MULTILINE)
    }
    alignment, uniformity, rank = zip(lie["trained z"], lie["untrained z"], strict=True)
    assert 0 < alignment[0] < 2
    assert uniformity[0] < uniformity[1] - 1
    assert 1 < rank[0] <= 32
