import io
import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from infonce import __main__ as cli
from infonce.train import load_digits, simclr, stratified_split

TRAIN = ["train", "simclr", "--data", "digits"]


def read(checkpoint):
    """What a checkpoint holds: two lines of heading, then a file of torch.save."""
    return torch.load(io.BytesIO(checkpoint.read_bytes().split(b"\n", 2)[2]))


@pytest.fixture(autouse=True)
def _threads_as_before():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def test_help_reads_like_documentation(capsys):
    for arguments in (["--help"], ["train", "--help"], [*TRAIN[:2], "--help"]):
        with pytest.raises(SystemExit, match="0"):
            cli.main(arguments)
    text = capsys.readouterr().out
    assert "python -m infonce train simclr --data digits" in text
    assert "bit for bit" in text
    for flag in ("--steps", "--seeds", "--temperature", "--batch-size", "--out", "--threads"):
        assert flag in text
    assert text.count("(default: ") == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["train", "simclr"], "the following arguments are required: --data"),
        (["train", "moco", "--data", "digits"], "invalid choice: 'moco'"),
        (["train", "simclr", "--data", "cifar"], "invalid choice: 'cifar'"),
        ([*TRAIN, "--temperature", "-1"], "must be positive and finite, got -1"),
        ([*TRAIN, "--temperature", "nan"], "must be positive and finite, got nan"),
        ([*TRAIN, "--temperature", "warm"], "invalid number value: 'warm'"),
        ([*TRAIN, "--steps", "0"], "must be at least 1, got 0"),
        ([*TRAIN, "--steps", "1.5"], "invalid count value: '1.5'"),
        ([*TRAIN, "--seed", "-1"], "must be 0 to 4294967295, got -1"),
        ([*TRAIN, "--batch-size", "2000"], "--batch-size must be at most 1198, got 2000"),
        ([*TRAIN, "--colour", "red"], "unrecognized arguments: --colour red"),
    ],
)
def test_a_bad_flag_is_one_sentence(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    out, error = capsys.readouterr()
    assert out == ""
    assert message in error
    assert error.count("\n") == 1


def test_end_to_end(tmp_path, capsys):
    command = [*TRAIN, "--steps", "10", "--seeds", "2", "--seed", "7", "--out", str(tmp_path)]
    assert cli.main(command) == 0
    first, progress = capsys.readouterr()
    assert sorted(os.listdir(tmp_path)) == ["seed-7", "seed-8"]
    assert "accuracy / %" in first
    assert "difference / %" in first
    assert "beats raw pixels in" in first
    assert "seed 8: 100%" in progress
    content = (tmp_path / "seed-8" / "checkpoint").read_bytes()
    assert cli.main(command) == 0
    assert capsys.readouterr().out == first
    assert cli.main([*command, "--temperature", "0.5"]) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert "seed-7/checkpoint belongs to another run: temperature 0.2 instead of 0.5" in error
    assert (tmp_path / "seed-8" / "checkpoint").read_bytes() == content


def test_ctrl_c_is_one_sentence(tmp_path, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "simclr", interrupted)
    assert cli.main([*TRAIN, "--out", str(tmp_path)]) == 130
    _, error = capsys.readouterr()
    assert error.strip() == (
        f"stopped; the same command continues from the checkpoints in {tmp_path}"
    )


def test_sigkill_then_the_same_command_ends_in_the_same_weights(tmp_path):
    arguments = [*TRAIN, "--steps", "240", "--seeds", "1", "--out", str(tmp_path)]
    checkpoint = tmp_path / "seed-0" / "checkpoint"
    process = subprocess.Popen(
        [sys.executable, "-m", "infonce", *arguments], stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert 0 < len(read(checkpoint)["losses"]) < 240  # it was killed on the way
    assert cli.main(arguments) == 0
    images, labels = load_digits()
    train = images[stratified_split(labels).train]
    unbroken = simclr(train, steps=240, progress=False)
    resumed = read(checkpoint)
    assert resumed["losses"] == unbroken.losses
    for name, value in unbroken.encoder.state_dict().items():
        assert torch.equal(resumed["encoder"][name], value)
