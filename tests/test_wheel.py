"""The package that readers install is the code of this site, and works away from it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from snippets._engine import run, wheel

AWAY = """
import infonce, torch
from infonce.train import load_emoji
print(infonce.__file__)
print(f"{infonce.info_nce(torch.eye(4), torch.eye(4), temperature=1.0):.4f}")
print(tuple(load_emoji("fluent").shape[1:]))
"""


def test_the_same_bytes_whatever_the_umask(tmp_path):
    made = []
    for number, mask in enumerate((0o022, 0o077)):
        before = os.umask(mask)
        try:
            wheel.build(tmp_path / str(number))
        finally:
            os.umask(before)
        made += (tmp_path / str(number)).iterdir()
    assert made[0].name == made[1].name == wheel.wheel()[0]
    assert made[0].read_bytes() == made[1].read_bytes() == wheel.wheel()[1]


def test_it_holds_the_package_and_nothing_else():
    name, _ = wheel.wheel()
    with zipfile.ZipFile(run.ROOT / "docs" / "download" / name) as file:
        held = {n: file.read(n) for n in file.namelist() if ".dist-info/" not in n}
    ours = run.files_below(run.ROOT / "infonce")
    assert held == {str(p.relative_to(run.ROOT)): p.read_bytes() for p in ours}


def test_installed_elsewhere_it_works(tmp_path, site: Path):
    name, _ = wheel.wheel()
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    file = site / "download" / name
    subprocess.run([*pip, "--target", str(tmp_path), str(file)], check=True)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", AWAY],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    again = [sys.executable, "-m", "infonce", "reproduce", "names"]
    refused = subprocess.run(
        again, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "reproduce must run in a clone" in refused.stderr
    where, value, shape = done.stdout.splitlines()
    assert where.startswith(str(tmp_path))
    assert (value, shape) == ("0.7437", "(4, 32, 32)")
