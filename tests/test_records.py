"""Recorded results belong to this code and data, and say what they say."""

import json

import pytest
import torch

from infonce.train import ClipTask, bag, records
from infonce.train.evaluation import embeddings
from infonce.train.export import export, read_early, read_text
from infonce.train.recipes import RECIPES, make_task
from infonce.train.records import FOLDER, RECORDS, check, code_hash, load_record
from snippets._engine import run

MADE = sorted(RECORDS)


def test_every_record_is_looked_at():
    assert sorted(p.stem for p in (run.ROOT / FOLDER).glob("*.json")) == MADE


@pytest.mark.parametrize("name", MADE)
def test_no_record_is_stale(name):
    """After a change of code: `python -m infonce reproduce NAME --check`; if the results changed
    with it, without `--check`."""
    record = load_record(name, run.ROOT / FOLDER)
    wanted = RECORDS[name]
    of_now = code_hash() in (record["code"], record.get("checked"))
    assert of_now, f"python -m infonce reproduce {name} --check"
    assert record["settings"] == RECIPES[wanted.method, wanted.data] | wanted.changes
    assert record["seeds"] == wanted.seeds
    assert record["draws"] == 20
    for row in record["scores"].values():
        assert all(len(values) == wanted.seeds for values in row.values())
    if wanted.data == "emoji":
        generator = torch.Generator().manual_seed(0)
        task = make_task(wanted.method, wanted.data, record["settings"], generator)
        assert task.config["data"] == record["data"]


def test_the_hash_sees_statements_and_not_words(tmp_path, monkeypatch):
    before = code_hash()
    (tmp_path / "train").mkdir()
    for name in records._CODE:
        (tmp_path / f"{name}.py").write_text((run.ROOT / "infonce" / f"{name}.py").read_text())
    monkeypatch.setattr(records, "_PACKAGE", tmp_path)
    assert code_hash() == before

    def changed(name, old, new):
        source = (tmp_path / name).read_text()
        assert old in source
        (tmp_path / name).write_text(source.replace(old, new))
        found = code_hash()
        (tmp_path / name).write_text(source)
        return found != before

    assert not changed("train/captions.py", "Words and pieces", "Parts")
    assert changed("train/captions.py", "(3, 4)", "(3, 5)")
    assert not changed("train/recipes.py", '"steps": 1000', '"steps": 1001')
    assert changed("train/recipes.py", "hidden=128", "hidden=256")
    assert changed("losses.py", "_square(image, exclude, ids)", "_square(image, exclude, None)")
    assert changed("tiles.py", "HOT = 64.0", "HOT = 32.0")


def test_a_record_is_made_checked_and_found_out(tmp_path, monkeypatch):
    tiny = records.Record("text", "emoji", {"steps": 6, "batch_size": 64, "tokens": 256}, 2, False)
    monkeypatch.setitem(RECORDS, "tiny", tiny)
    place = {"folder": tmp_path / "records"}
    path = records.reproduce("tiny", runs=tmp_path / "runs", progress=False, **place)
    record = json.loads(path.read_text())
    trained_by = tmp_path / "runs" / "tiny" / "seed-0" / "code"
    trained_by.write_text("1" * 16)  # scored again, the record is still of the code that trained it
    records.reproduce("tiny", runs=tmp_path / "runs", progress=False, **place)
    assert json.loads(path.read_text()) == record | {"code": "1" * 16}
    path.write_text(json.dumps(record | {"code": "0" * 16}))
    assert check("tiny", **place) == []
    assert json.loads(path.read_text()) == record | {"code": "0" * 16, "checked": code_hash()}
    assert len(record["scores"]["de to en: R@1"]["trained"]) == 2
    record["of the weights"]["ja to en: R@10"] += 0.01
    record["first losses"][3] *= 1.01
    lacks = record["of the weights"].pop("de to en: R@5")
    record["of the weights"]["more"] = 0.5
    path.write_text(json.dumps(record | {"code": "0" * 16}))
    differ = check("tiny", **place)
    assert len(differ) == 4
    assert "loss of step 4" in differ[0]
    assert "ja to en: R@10" in differ[1]
    assert differ[2] == "tiny: more is nan, recorded 0.5000"
    assert differ[3] == f"tiny: de to en: R@5 is {lacks:.4f}, recorded nan"
    assert "checked" not in json.loads(path.read_text())


def test_scoring_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    changes = {"steps": 4, "batch_size": 64, "tokens": 256}
    monkeypatch.setitem(RECORDS, "tiny", records.Record("text", "emoji", changes, 3, False))
    place = {"folder": tmp_path / "records", "runs": tmp_path / "runs", "progress": False}
    whole, asked = records.scores, []

    def stopped(runs, *more, **named):
        asked.append(runs[0].config["seed"])
        if len(asked) == 3:
            raise KeyboardInterrupt
        return whole(runs, *more, **named)

    monkeypatch.setattr(records, "scores", stopped)
    with pytest.raises(KeyboardInterrupt):
        records.reproduce("tiny", **place)
    path = records.reproduce("tiny", **place)
    assert asked == [0, 1, 2, 2, 0]  # the last are the weights in half precision
    together = whole(records.load_runs(tmp_path / "runs" / "tiny"))
    assert json.loads(path.read_text())["scores"] == together
    again = tmp_path / "runs" / "tiny" / "supervised" / "seed-1" / "checkpoint"
    again.parent.mkdir(parents=True)
    again.touch()  # trained once more, beside the second run
    records.reproduce("tiny", **place)
    assert asked[5:] == [1, 0]


def test_the_exported_tower_reads_as_the_model(tmp_path):
    """Bytes instead of floats: the same tokens, nearly the same directions."""
    task = ClipTask(torch.Generator().manual_seed(0), width=4, tokens=256)
    task.model.eval()
    export(task, tmp_path / "clip", early={0: task})
    file = json.loads((tmp_path / "clip.json").read_text())
    file["bytes"] = bytearray((tmp_path / "clip.bin").read_bytes())
    for golden in file["golden"]:
        bags = bag([[golden["text"]]], 256).flat(torch.tensor([0]))
        assert bags[0].tolist() == golden["tokens"]
        exact = task.model.text(*bags).z[0]
        assert (exact @ torch.tensor(golden["embedding"])).item() > 0.999
        assert read_text(file, golden["text"]).tolist() == pytest.approx(
            golden["embedding"], abs=2e-6
        )
    assert len(file["names"]) == file["arrays"]["images"]["shape"][0] == 1594
    exact = embeddings(task)
    for side, z in zip(("image", "text"), read_early(file, 0), strict=True):
        assert (z * exact[side][file["pool"]]).sum(1).min() > 0.999


def test_the_early_steps_of_the_export_are_those_of_training():
    folder = run.ROOT / "docs" / "assets" / "data"
    file = json.loads((folder / "emoji-clip.json").read_text())
    file["bytes"] = (folder / "emoji-clip.bin").read_bytes()
    assert file["steps"] == [0, 10, 100, 1000]
    for steps in (0, 10):
        task, losses = records.first_steps("emoji-clip", steps)
        exact = embeddings(task)
        assert len(losses) == steps
        for side, z in zip(("image", "text"), read_early(file, steps), strict=True):
            assert (z * exact[side][file["pool"]]).sum(1).min() > 0.99, (steps, side)


def test_what_the_browser_gets_is_small_and_of_the_record():
    folder = run.ROOT / "docs" / "assets" / "data"
    sizes = {p.name: p.stat().st_size for p in folder.glob("emoji-*.*")}
    file = json.loads((folder / "emoji-clip.json").read_text())
    images = file["arrays"]["images"]["start"]
    end = images + 1594 * file["arrays"]["images"]["shape"][1]
    assert end <= sizes["emoji-clip.bin"] <= 400_000 + 1594 * 128 + 1594 * 4
    assert sum(sizes.values()) <= 1_200_000
    sheet = (folder / "emoji-fluent.webp").read_bytes()
    assert sheet == (run.ROOT / "infonce/emoji/fluent.webp").read_bytes()
    recorded = load_record("emoji-clip")["of the weights"]
    for name, value in file["accuracy"]["as trained"].items():
        assert value == pytest.approx(recorded[name], abs=1e-3)
    for name, value in file["accuracy"]["in bytes"].items():
        assert value == pytest.approx(recorded[name], abs=0.02)


def test_wall_times_are_those_of_the_recipes():
    """After a change of a recipe: python tests/bench_train.py."""
    measured = json.loads((run.ROOT / "docs" / "assets" / "data" / "wall.json").read_text())
    assert {name: row["settings"] for name, row in measured["trainings"].items()} == {
        name: RECIPES[wanted.method, wanted.data] | wanted.changes
        for name, wanted in RECORDS.items()
    }
