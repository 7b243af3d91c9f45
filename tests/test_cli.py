import io
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from infonce.train import cli, emoji_table, load_digits, recipes, simclr, stratified_split

TRAIN = ["train", "simclr", "--data", "digits"]
HERE = ["--out", "unused"]


def read(checkpoint):
    """What a checkpoint holds: two lines of heading, then a file of torch.save."""
    return torch.load(io.BytesIO(checkpoint.read_bytes().split(b"\n", 2)[2]))


@pytest.fixture(autouse=True)
def _threads_as_before():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("method", ["simclr", "clip", "text"])
def test_help_reads_like_documentation(method, capsys):
    for arguments in (["--help"], ["eval", "--help"], ["embed", "--help"], ["train", "--help"]):
        with pytest.raises(SystemExit, match="0"):
            cli.main(arguments)
    assert capsys.readouterr().out.count("example") == 3
    with pytest.raises(SystemExit, match="0"):
        cli.main(["train", method, "--help"])
    text = capsys.readouterr().out
    assert f"python -m infonce train {method} --data " in text
    assert "bit for bit" in text
    for flag in ("--steps", "--seconds", "--seeds", "--batch-size", "--out", "--threads"):
        assert flag in text
    assert text.count("(default: ") == (7 if method == "simclr" else 6)
    assert "Muon" in text


def test_help_shows_a_whole_sentence_for_each_method(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "are a pair; no labels are used (Chen et al. 2020) clip A picture" in text
    assert "are a pair, with a learned scale (Radford et al. 2021) text The names" in text
    assert "in English and in one of seven other languages are a pair options:" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["train", "simclr"], "the following arguments are required: --data, --out"),
        (["train", "moco", "--data", "digits"], "invalid choice: 'moco'"),
        (["train", "clip", "--data", "digits"], "invalid choice: 'digits'"),
        (["train", "clip", "--data", "emoji", "--temperature", "1", *HERE], "unrecognized"),
        (["eval"], "the following arguments are required: DIR"),
        ([*TRAIN, *HERE, "--temperature", "-1"], "must be positive and finite, got -1"),
        ([*TRAIN, *HERE, "--temperature", "nan"], "must be positive and finite, got nan"),
        ([*TRAIN, *HERE, "--temperature", "warm"], "invalid number value: 'warm'"),
        ([*TRAIN, *HERE, "--steps", "0"], "must be at least 1, got 0"),
        ([*TRAIN, *HERE, "--batch-size", "1"], "--batch-size: must be at least 2, got 1"),
        ([*TRAIN, *HERE, "--batch-size", "few"], "invalid pairs value: 'few'"),
        ([*TRAIN, *HERE, "--steps", "1.5"], "invalid count value: '1.5'"),
        ([*TRAIN, *HERE, "--steps", "9", "--seconds", "9"], "not allowed with argument --steps"),
        ([*TRAIN, *HERE, "--seed", "-1"], "must be 0 to 4294967295, got -1"),
        ([*TRAIN, *HERE, "--colour", "red"], "unrecognized arguments: --colour red"),
    ],
)
def test_a_bad_flag_is_one_sentence(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    out, error = capsys.readouterr()
    assert out == ""
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*TRAIN, "--batch-size", "2000"], "batch_size must be 1 to 1198, got 2000"),
        (["train", "clip", "--data", "emoji", "--batch-size", "1400"], "must be 1 to 1355"),
        (
            ["train", "simclr", "--data", "fashion-mnist", "--folder", "nowhere"],
            "nowhere/train-images-idx3-ubyte.gz is missing. Fashion-MNIST is never fetched",
        ),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(arguments, message, tmp_path, capsys):
    assert cli.main([*arguments, "--out", str(tmp_path / "new")]) == 1
    out, error = capsys.readouterr()
    assert (out, error.count("\n"), list(tmp_path.iterdir())) == ("", 1, [])
    assert message in error


def test_end_to_end(tmp_path, capsys):
    command = [*TRAIN, "--steps", "10", "--seeds", "2", "--seed", "7", "--out", str(tmp_path)]
    assert cli.main(command) == 0
    out, progress = capsys.readouterr()
    assert out == f"10 steps a seed; next: python -m infonce eval {tmp_path}\n"
    assert sorted(os.listdir(tmp_path)) == ["seed-7", "seed-8"]
    assert "seed 8: 100%" in progress
    content = (tmp_path / "seed-8" / "checkpoint").read_bytes()
    assert cli.main(command) == 0
    assert cli.main([*command, "--temperature", "0.5"]) == 1
    error = capsys.readouterr().err
    assert "seed-7/checkpoint belongs to another run: temperature 0.2 instead of 0.5" in error
    assert (tmp_path / "seed-8" / "checkpoint").read_bytes() == content
    assert cli.main(["eval", str(tmp_path)]) == 0
    scores = capsys.readouterr().out
    assert "accuracy / %" in scores
    assert "difference / %" in scores
    assert "beats raw pixels in" in scores
    assert "alignment (no unit)" in scores
    assert cli.main(["embed", str(tmp_path)]) == 0
    embedded = np.load(tmp_path / "embeddings.npz")
    assert {name: x.shape for name, x in embedded.items()} == {"h": (1198, 128), "z": (1198, 32)}


@pytest.mark.parametrize(
    ("method", "row", "arrays"),
    [
        ("clip", "image to text, new: R@10", {"image", "text"}),
        ("text", "ja to en: R@10", {"en", "de", "fr", "es", "it", "ru", "ja", "zh"}),
    ],
)
def test_pairs_end_to_end(method, row, arrays, tmp_path, capsys):
    arguments = ["--data", "emoji", "--steps", "4", "--batch-size", "64", "--out", str(tmp_path)]
    assert cli.main(["train", method, *arguments]) == 0
    assert cli.main(["eval", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert f"\n{row}" in shown
    assert "trained − untrained" in shown
    assert cli.main(["embed", str(tmp_path)]) == 0
    assert set(np.load(tmp_path / "embeddings.npz")) == arrays


def test_seconds_only_choose_the_steps_of_the_first_checkpoint(tmp_path, capsys):
    command = [*TRAIN, "--seconds", "0.3", "--out", str(tmp_path)]
    assert cli.main(command) == 0
    first = capsys.readouterr().out
    checkpoint = tmp_path / "seed-0" / "checkpoint"
    state, content = read(checkpoint), checkpoint.read_bytes()
    assert state["config"]["steps"] == len(state["losses"]) == int(first.split()[0])
    assert cli.main([*command[:-3], "900", *command[-2:]]) == 0  # no longer asked
    assert capsys.readouterr().out == first
    assert checkpoint.read_bytes() == content


def test_what_cannot_be_evaluated_is_one_sentence(tmp_path, capsys, monkeypatch):
    assert cli.main(["eval", str(tmp_path)]) == 1
    assert "has no trained run" in capsys.readouterr().err
    run = recipes.RECIPES["simclr", "digits"] | {"steps": 60}

    def stop(step, loss):
        if step == 55:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recipes.run_recipe(
            *("simclr", "digits", run),
            seed=0,
            checkpoint=tmp_path / "seed-0" / "checkpoint",
            on_step=stop,
            progress=False,
        )
    assert cli.main(["eval", str(tmp_path)]) == 1
    assert "checkpoint is unfinished: 50 of 60 steps" in capsys.readouterr().err


def test_ctrl_c_is_one_sentence(tmp_path, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run_recipe", interrupted)
    assert cli.main([*TRAIN, "--out", str(tmp_path)]) == 130
    _, error = capsys.readouterr()
    assert error.strip() == (f"stopped; the same command continues from what {tmp_path} holds")


@pytest.mark.parametrize("method", ["simclr", "clip"])
def test_sigkill_then_the_same_command_ends_in_the_same_weights(method, tmp_path):
    steps, size = {"simclr": ("400", "256"), "clip": ("120", "64")}[method]
    data = {"simclr": "digits", "clip": "emoji"}[method]
    arguments = ["train", method, "--data", data, "--steps", steps, "--batch-size", size]
    command = [sys.executable, "-m", "infonce", *arguments, "--out", str(tmp_path / "killed")]
    checkpoint = tmp_path / "killed" / "seed-0" / "checkpoint"
    rng, kept = random.Random(0), []
    for seen in (0, 1):  # before and after it has kept some steps
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 600  # a busy machine
        while time.monotonic() < deadline and process.poll() is None:
            if checkpoint.exists() and len(read(checkpoint)["losses"]) >= seen * 50:
                break
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.3))
        process.kill()
        assert process.wait() == -signal.SIGKILL
        kept.append(len(read(checkpoint)["losses"]))
    assert 50 <= kept[1] < int(steps)  # it was killed on the way
    assert cli.main([*arguments, "--out", str(tmp_path / "killed")]) == 0
    assert cli.main([*arguments, "--out", str(tmp_path / "unbroken")]) == 0
    resumed, unbroken = read(checkpoint), read(tmp_path / "unbroken" / "seed-0" / "checkpoint")
    assert resumed["losses"] == unbroken["losses"]
    for name, value in unbroken["encoder"].items():
        assert torch.equal(resumed["encoder"][name], value)


def test_the_command_is_the_function(tmp_path):
    assert cli.main([*TRAIN, "--steps", "30", "--out", str(tmp_path)]) == 0
    images, labels = load_digits()
    run = simclr(images[stratified_split(labels).train], steps=30, progress=False)
    assert read(tmp_path / "seed-0" / "checkpoint")["losses"] == run.losses


def test_eval_shows_an_encoder_trained_with_labels(tmp_path, capsys):
    out = ["--out", str(tmp_path), "--steps", "3"]
    for more in ([], ["--supervised"]):
        assert cli.main([*TRAIN, *out, *more]) == 0
    assert (tmp_path / "supervised" / "seed-0" / "checkpoint").exists()
    capsys.readouterr()
    assert cli.main(["eval", str(tmp_path)]) == 0
    heading = capsys.readouterr().out.split("\n")[0]
    assert "supervised h" in heading
    assert cli.main([*TRAIN, *out, "--supervised", "--seed", "4"]) == 0
    capsys.readouterr()
    assert cli.main(["eval", str(tmp_path)]) == 1  # what would be compared in pairs is not pairs
    error = capsys.readouterr().err
    assert f"supervised has the seeds [0, 4], {tmp_path} has [0]" in error


def test_rows_that_a_style_does_not_draw_are_nan(tmp_path, capsys):
    out = ["--out", str(tmp_path)]
    assert (
        cli.main(["train", "clip", "--data", "emoji", "--steps", "1", "--batch-size", "8", *out])
        == 0
    )
    assert cli.main(["embed", str(tmp_path), "--style", "noto-v1"]) == 0
    images = np.load(tmp_path / "embeddings.npz")["image"]
    missing = [not e.noto_v1 for e in emoji_table()]
    assert np.isnan(images).all(axis=1).tolist() == missing
    assert sum(missing) == 413
    with pytest.raises(SystemExit, match="2"):
        cli.main(["embed", str(tmp_path), "--style", "crayon"])
