"""The same training on several processes."""

import os
import subprocess
import sys
import time

import pytest
import torch

from infonce.train import load_checkpoint

pytest.importorskip("infonce.distributed")
CODE = """
import sys, torch, torch.distributed as dist
from infonce.train import ClipTask, fit, save_checkpoint
from pathlib import Path
torch.set_num_threads(1)
dist.init_process_group("gloo")
make = lambda g: ClipTask(g, batch_size=int(sys.argv[2]), width=4, tokens=256, norm="group")
fit(make, steps=int(sys.argv[3]), learning_rate=5e-3, weight_decay=0.05, muon=0.05, seed=3,
    checkpoint=Path(sys.argv[1]), progress=False)
if len(sys.argv) > 4 and dist.get_rank() == 1:
    sys.exit("rank 1 had enough")
dist.barrier()
"""


def torchrun(processes, tmp_path, *arguments):
    script = tmp_path / "train.py"
    script.write_text(CODE)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return subprocess.run(
        [*command, f"--nproc-per-node={processes}", str(script), *map(str, arguments)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.mark.parametrize("processes", [2, 3])
def test_two_steps_are_those_of_one_process(processes, tmp_path):
    """13 pairs: no two or three processes share them evenly."""
    states = []
    for count in (1, processes):
        done = torchrun(count, tmp_path, tmp_path / str(count), 13, 2)
        assert done.returncode == 0, done.stderr
        states.append(load_checkpoint(tmp_path / str(count), None))
    alone, together = states
    assert together["losses"] == pytest.approx(alone["losses"], rel=1e-5)
    for name, weight in alone["encoder"].items():
        assert torch.allclose(together["encoder"][name], weight, atol=2e-4), name


def test_a_dying_rank_ends_the_job(tmp_path):
    started = time.monotonic()
    done = torchrun(2, tmp_path, tmp_path / "run", 8, 1, "die")
    assert done.returncode != 0
    assert "rank 1 had enough" in done.stderr
    assert time.monotonic() - started < 300
