"""What training ended at, as shown, on one kind of processor: `python -m tests.trained` records it.

Elsewhere a processor rounds differently, and a trained result may move within the range that its
claim allows. Where everything rounds as it did for the record, it has to read as recorded.
"""

import hashlib
import json
import platform
from pathlib import Path

import torch
from torch.nn import functional as F

from snippets._engine import results
from tests.claims import CLAIMS
from tests.test_pages import used

RECORD = Path(__file__).with_name("trained.json")


def rounding() -> str:
    """A hash of the processor's name and of what its kernels give to the last bit."""
    cpu = Path("/proc/cpuinfo")
    names = [line for line in cpu.read_text().splitlines() if "model name" in line][:1]
    total = hashlib.sha256(f"{torch.__version__} {platform.machine()} {names}".encode())
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(0)
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(256, 64, generator=g, dtype=dtype)
        w = torch.randn(16, 4, 3, 3, generator=g, dtype=dtype)
        image = F.conv2d(x.reshape(64, 4, 8, 8), w, stride=2)
        for kept in (x @ x.T, torch.softmax(x @ x[:8].T, 1), F.gelu(image), x.exp().sum(0)):
            total.update(kept.numpy().tobytes())
    torch.set_num_threads(threads)
    return total.hexdigest()[:16]


def shown() -> dict[str, list[str]]:
    """Every shown value whose claim is a range -> its texts."""
    return {
        f"{name}.{key}": sorted(format(results.value(name, key), spec) for spec in specs)
        for (name, key), specs in sorted(used().items())
        if CLAIMS[name][key].__qualname__.startswith("between")
    }


if __name__ == "__main__":
    record = {"rounding": rounding(), "shown": shown()}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
