import errno
import math
import os

import pytest
import torch

from infonce.losses import nt_xent
from infonce.train import (
    CheckpointError,
    Encoder,
    augment,
    load_checkpoint,
    load_digits,
    save_checkpoint,
    simclr,
)

STILL = {"rotation": 0.0, "scale": 0.0, "shear": 0.0, "shift": 0.0, "bend": 0.0}


class Stop(Exception):
    """Raised by a callback: the program ends here."""


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def images():
    return load_digits().images[:300]


def short(images, **settings):
    return simclr(images, **{"steps": 24, "batch_size": 64, "progress": False} | settings)


def stop_at(last):
    def on_step(step, loss):
        if step == last:
            raise Stop

    return on_step


def same(run, other):
    """Bit for bit."""
    a, b = run.encoder.state_dict(), other.encoder.state_dict()
    return run.losses == other.losses and all(torch.equal(a[name], b[name]) for name in a)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def bilinear(field, x, y):
    """Value of a grid of floats at column x and row y, 0 outside."""
    total = 0.0
    for row in (math.floor(y), math.floor(y) + 1):
        for column in (math.floor(x), math.floor(x) + 1):
            if 0 <= row < len(field) and 0 <= column < len(field[0]):
                total += (1 - abs(y - row)) * (1 - abs(x - column)) * field[row][column]
    return total


def test_augment_read_aloud():
    """Pixel by pixel: place, turned and moved and bent, then what the picture has there."""
    picture = torch.rand(2, 1, 8, 8, generator=generator(1), dtype=torch.float64)
    views = augment(picture, generator())
    g = generator()
    uniform = (2 * torch.rand(6, 2, generator=g, dtype=torch.float64) - 1).tolist()
    normal = torch.randn(2, 2, 3, 3, generator=g, dtype=torch.float64).tolist()
    for n in range(2):
        turn, grow_x, grow_y, lean, move_x, move_y = (row[n] for row in uniform)
        angle, shear = math.radians(15) * turn, 0.2 * lean
        width, height = math.exp(0.15 * grow_x), math.exp(0.15 * grow_y)
        for row in range(8):
            for column in range(8):
                x, y = (2 * column + 1) / 8 - 1, (2 * row + 1) / 8 - 1
                bend = [0.15 * bilinear(f, column * 2 / 7, row * 2 / 7) for f in normal[n]]
                x, y = x * width + shear * y * height, y * height  # scale, shear
                x, y = (
                    x * math.cos(angle) - y * math.sin(angle) + 0.15 * move_x + bend[0],
                    x * math.sin(angle) + y * math.cos(angle) + 0.15 * move_y + bend[1],
                )
                expected = bilinear(picture[n, 0].tolist(), 4 * x + 3.5, 4 * y + 3.5)
                assert views[n, 0, row, column].item() == pytest.approx(expected, abs=1e-12)


def test_augment_limits(images):
    assert (augment(images, generator(), **STILL) - images).abs().max() < 1e-6
    assert torch.equal(augment(images, generator()), augment(images, generator()))
    assert not torch.equal(augment(images, generator()), augment(images, generator(1)))
    for name, strength in ({"rotation": 15.0} | dict.fromkeys(list(STILL)[1:], 0.2)).items():
        changed = augment(images, generator(), **STILL | {name: strength}) - images
        assert changed.abs().mean() > 0.01, name
    with pytest.raises(ValueError, match=r"got \(8, 8\)"):
        augment(images[0, 0], generator())


def test_encoder_read_aloud(images):
    encoder = Encoder(generator(), width=16, dim=4)
    h, z = encoder(images[:3])
    weights = {name: value.tolist() for name, value in encoder.state_dict().items()}

    def linear(x, name):
        rows, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        products = [sum(a * b for a, b in zip(w, x, strict=True)) for w in rows]
        return [p + b for p, b in zip(products, bias, strict=True)]

    for picture, h_row, z_row in zip(images[:3], h, z, strict=True):
        x = picture.flatten().tolist()
        for name in ("body.0", "body.1"):
            x = [max(0.0, v) for v in linear(x, name)]
        assert h_row.tolist() == pytest.approx(x, abs=1e-5)
        x = linear(x, "head")
        assert z_row.tolist() == pytest.approx([v / math.hypot(*x) for v in x], abs=1e-5)


def test_first_steps_read_aloud(images):
    """The loop without its function: one generator, the order of its draws, Adam by hand."""
    g = generator(5)
    encoder = Encoder(g)
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in encoder.parameters()]
    expected = []
    for step in range(1, 4):
        rows = torch.randperm(300, generator=g)[:64]
        view1, view2 = augment(images[rows], g), augment(images[rows], g)
        loss = nt_xent(encoder(view1).z, encoder(view2).z, temperature=0.3)
        expected.append(loss.item())
        gradients = torch.autograd.grad(loss, list(encoder.parameters()))
        with torch.no_grad():
            for p, grad, (m, v) in zip(encoder.parameters(), gradients, moments, strict=True):
                m.mul_(0.9).add_(grad, alpha=0.1)
                v.mul_(0.999).add_(grad**2, alpha=0.001)
                p -= 1e-3 * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
    run = short(images, steps=3, temperature=0.3, learning_rate=1e-3, seed=5)
    assert run.losses == pytest.approx(expected, rel=1e-5)


def test_seeds_decide_everything_and_the_global_one_nothing(images):
    state = torch.get_rng_state()
    first = short(images)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(7)  # moves the global generator; no run may notice
    assert same(first, short(images))
    assert not same(first, short(images, seed=1))


def test_loss_falls_from_below_the_collapse_value(images):
    losses = short(images, steps=100).losses
    collapsed = math.log(2 * 64 - 1)
    assert collapsed - 1.5 < losses[0] < collapsed
    assert sum(losses[-10:]) / 10 < losses[0] - 0.5


@pytest.mark.parametrize("last", [1, 7, 20, 24])
def test_a_stopped_run_ends_as_an_unbroken_one(images, tmp_path, last):
    checkpoint = tmp_path / "run" / "checkpoint"
    with pytest.raises(Stop):
        short(images, checkpoint=checkpoint, checkpoint_every=7, on_step=stop_at(last))
    steps = []
    again = short(images, checkpoint=checkpoint, on_step=lambda step, loss: steps.append(step))
    saved = 24 if last == 24 else last // 7 * 7
    assert steps == list(range(saved + 1, 25))
    assert same(again, short(images))
    assert sorted(os.listdir(checkpoint.parent)) == ["checkpoint"]


def test_a_finished_run_is_not_repeated(images, tmp_path):
    first = short(images, checkpoint=tmp_path / "checkpoint")
    content = (tmp_path / "checkpoint").read_bytes()
    assert same(short(images, checkpoint=tmp_path / "checkpoint", on_step=stop_at(24)), first)
    assert (tmp_path / "checkpoint").read_bytes() == content


def test_every_changed_byte_is_noticed(tmp_path):
    path = tmp_path / "checkpoint"
    save_checkpoint(path, {"config": {}, "weights": torch.arange(3.0)})
    good = path.read_bytes()
    assert load_checkpoint(path, {})["weights"].tolist() == [0.0, 1.0, 2.0]
    for position in range(len(good)):
        damaged = bytearray(good)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError, match="it was left as it is"):
            load_checkpoint(path, {})
        assert path.read_bytes() == damaged


@pytest.mark.parametrize("length", [0, 10, 30, 90, 500, -1])
def test_a_cut_checkpoint_is_refused_and_kept(images, tmp_path, length):
    path = tmp_path / "checkpoint"
    short(images, steps=1, checkpoint=path)
    cut = path.read_bytes()[:length]
    path.write_bytes(cut)
    with pytest.raises(CheckpointError, match=r"checkpoint is (damaged|not a checkpoint)"):
        short(images, steps=1, checkpoint=path)
    assert path.read_bytes() == cut


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": 0.5}, r"temperature 0\.2 instead of 0\.5"),
        ({"seed": 3}, "seed 0 instead of 3"),
        ({"steps": 25}, "steps 24 instead of 25"),
        ({"batch_size": 32, "learning_rate": 0.1}, r"batch_size 64 .* 32, learning_rate 0\.004"),
    ],
)
def test_a_foreign_checkpoint_is_refused_and_kept(images, tmp_path, change, message):
    path = tmp_path / "checkpoint"
    with pytest.raises(Stop):
        short(images, checkpoint=path, checkpoint_every=2, on_step=stop_at(2))
    content = path.read_bytes()
    with pytest.raises(CheckpointError, match=f"another run: {message}"):
        short(images, checkpoint=path, **change)
    with pytest.raises(CheckpointError, match=r"data [0-9a-f]{16} instead of"):
        short(images.flip(0), checkpoint=path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_full_disk_leaves_the_last_checkpoint(images, tmp_path, monkeypatch, function):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "checkpoint"
    with pytest.raises(Stop):
        short(images, checkpoint=path, checkpoint_every=6, on_step=stop_at(6))
    content = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, function, full)
        with pytest.raises(CheckpointError, match="No space left on device; what was there"):
            short(images, checkpoint=path, checkpoint_every=6)
    assert os.listdir(tmp_path) == ["checkpoint"]
    assert path.read_bytes() == content
    assert same(short(images, checkpoint=path), short(images))


def test_half_a_file_from_a_killed_write_does_no_harm(images, tmp_path):
    path = tmp_path / "checkpoint"
    (tmp_path / "checkpoint.part").write_bytes(b"infonce checkp")
    assert same(short(images, checkpoint=path), short(images))
    assert os.listdir(tmp_path) == ["checkpoint"]


def test_a_folder_that_is_a_file(images, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CheckpointError, match="cannot read"):
        short(images, checkpoint=tmp_path / "file" / "checkpoint")
    assert (tmp_path / "file").read_text() == "mine"


def test_another_number_of_threads_is_told(images, tmp_path):
    path = tmp_path / "checkpoint"
    with pytest.raises(Stop):
        short(images, checkpoint=path, checkpoint_every=2, on_step=stop_at(2))
    torch.set_num_threads(2)
    with pytest.warns(UserWarning, match="'threads': 2.* begun on .*'threads': 1"):
        short(images, checkpoint=path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": torch.zeros(300, 64)}, r"images must be \(n, 1, 8, 8\), got \(300, 64\)"),
        ({"batch_size": 0}, "batch_size must be 1 to 300, got 0"),
        ({"batch_size": 301}, "batch_size must be 1 to 300, got 301"),
        ({"steps": 0}, "steps and checkpoint_every must be at least 1, got 0 and 50"),
        ({"checkpoint_every": 0}, "got 24 and 0"),
        ({"learning_rate": math.nan}, "learning_rate must be positive and finite, got nan"),
        ({"temperature": 0.0}, "temperature"),
    ],
)
def test_bad_arguments(images, change, message):
    with pytest.raises(ValueError, match=message):
        short(**{"images": images} | change)
