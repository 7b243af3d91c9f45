"""The same training on several processes."""

import os
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest

from infonce.train import ClipTask, fit, load_checkpoint
from tests import ranks

pytest.importorskip("infonce.distributed")
# rank 1's clock runs twice as fast, so that alone it would choose half as many steps
SECONDS = """
import os, sys, time
from infonce.train.cli import main
clock, speed = time.perf_counter, 1 + int(os.environ["RANK"])
time.perf_counter = lambda: clock() * speed
sys.exit(main(sys.argv[1:]))
"""
DIES = """
import os, sys, torch.distributed as dist
from pathlib import Path
from infonce.train import ClipTask, fit
dist.init_process_group("gloo")
rank = dist.get_rank()
def on_step(step, loss):
    if step == 1:
        Path(sys.argv[1], str(rank)).write_text(str(os.getpid()))
    if step == 2 and rank == 1:
        raise RuntimeError("rank 1 had enough")
make = lambda g: ClipTask(g, batch_size=8, styles=("noto-v1",), width=4, tokens=256, norm="group")
fit(make, steps=100000, learning_rate=5e-3, progress=False, on_step=on_step)
"""


def torchrun(script, tmp_path, *arguments):
    """Two processes of a script."""
    path = tmp_path / "script.py"
    path.write_text(script)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    return subprocess.run(
        [*command, str(path), *map(str, arguments)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def two_steps(rank=0, processes=1):
    """The losses and the weights; 13 pairs: no two, three or four processes share them evenly."""
    task = partial(ClipTask, batch_size=13, styles=("noto-v1",), width=4, tokens=256, norm="group")
    rates = {"learning_rate": 5e-3, "weight_decay": 0.05, "muon": 0.05}
    run = fit(task, steps=2, **rates, seed=3, progress=False)
    return run.losses, {name: weight.numpy() for name, weight in run.encoder.state_dict().items()}


@pytest.fixture(scope="module")
def alone():
    return two_steps()


@pytest.mark.parametrize("processes", [1, 2, 3, 4])
def test_two_steps_are_those_of_one_process(processes, alone):
    for losses, weights in ranks.run(two_steps, processes):
        assert losses == pytest.approx(alone[0], rel=1e-5)
        for name, weight in alone[1].items():
            assert np.allclose(weights[name], weight, atol=2e-4), name


def test_all_ranks_train_the_seconds_of_the_first(tmp_path):
    where = ("--batch-size", 64, "--seconds", 1, "--out", tmp_path / "run")
    done = torchrun(SECONDS, tmp_path, "train", "text", "--data", "emoji", *where)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    state = load_checkpoint(tmp_path / "run" / "seed-0" / "checkpoint", None)
    steps = state["config"]["steps"]
    assert len(state["losses"]) == steps
    assert done.stdout.startswith(f"{steps} steps a seed")
    assert state["platform"]["processes"] == 2


def test_a_rank_that_dies_while_training_ends_the_job(tmp_path):
    done = torchrun(DIES, tmp_path, tmp_path)
    ended = time.time()
    assert done.returncode != 0
    assert "RuntimeError: rank 1 had enough" in done.stderr
    assert ended - (tmp_path / "1").stat().st_mtime < 60
    for rank in ("0", "1"):
        with pytest.raises(ProcessLookupError):  # nothing of it is left
            os.kill(int((tmp_path / rank).read_text()), 0)
