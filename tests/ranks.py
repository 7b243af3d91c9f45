"""Real processes for tests/test_distributed.py: one server imports torch once and forks them."""

import multiprocessing
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import torch
import torch.distributed as dist

LIMIT = 120.0  # seconds: more than a loaded machine needs, less than anybody would wait


def run(work: Callable[[int, int], Any], world: int, timeout: float = 60.0) -> list[Any]:
    """What `work(rank, world)` returned in each process; None for a process that died."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch._dynamo", "infonce.distributed"])
    with tempfile.TemporaryDirectory() as folder:
        pipes = [context.Pipe(duplex=False) for _ in range(world)]
        processes = [
            context.Process(target=_member, args=(work, rank, world, folder, timeout, end))
            for rank, (_, end) in enumerate(pipes)
        ]
        for process, (_, end) in zip(processes, pipes, strict=True):
            process.start()
            end.close()
        results, deadline = [], time.monotonic() + LIMIT
        for process, (end, _) in zip(processes, pipes, strict=True):
            try:
                assert end.poll(deadline - time.monotonic()), "a process hangs"
                results.append(end.recv())
            except EOFError:
                results.append(None)
            finally:
                process.join(1.0)
                if process.is_alive():
                    process.kill()
                    process.join()
    for result in results:
        assert not isinstance(result, str), result  # a traceback
    return results


def _member(
    work: Callable[[int, int], Any],
    rank: int,
    world: int,
    folder: str,
    timeout: float,
    end: Connection,
) -> None:
    os.environ["GLOO_SOCKET_IFNAME"] = "lo" if sys.platform == "linux" else "lo0"
    torch.set_num_threads(1)
    try:
        dist.init_process_group(
            "gloo",
            init_method=f"file://{folder}/meeting",
            rank=rank,
            world_size=world,
            timeout=timedelta(seconds=timeout),
        )
        end.send(work(rank, world))
    except BaseException:
        end.send(traceback.format_exc())
