"""Views, bags of n-grams, tasks and data that the command line trains on."""

import gzip
import math
from types import MappingProxyType

import pytest
import torch
from torch.nn import functional as F

import infonce
from infonce.train import (
    DIGIT_VIEWS,
    EMOJI_VIEWS,
    FASHION_VIEWS,
    LANGUAGES,
    RECIPES,
    ClipTask,
    Muon,
    PictureEncoder,
    Supervised,
    TextPairs,
    augment,
    backdrop,
    bag,
    compose,
    cut_out,
    data,
    emoji_table,
    evaluation,
    fit,
    load_digits,
    load_emoji,
    load_fashion_mnist,
    make_task,
    optimisers,
    orthogonal,
    place,
    premultiply,
    stratified_split,
    tint,
    tone,
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def clip_task():
    return ClipTask(generator(), batch_size=12, width=4, tokens=256, norm="group")


@pytest.mark.parametrize(
    ("views", "shape", "channels"),
    [(DIGIT_VIEWS, (1, 8, 8), 1), (FASHION_VIEWS, (1, 28, 28), 1), (EMOJI_VIEWS, (4, 32, 32), 3)],
)
def test_each_picture_has_its_own_numbers(views, shape, channels):
    """Rows of a batch may be turned into views apart: nothing mixes them."""
    images = torch.rand(6, *shape, generator=generator())
    drawn = views.draw(6, generator(1))
    assert all(len(numbers) == 6 for numbers in drawn)
    whole = views.make(images, *drawn)
    assert whole.shape == (6, channels, *shape[1:])
    part = views.make(images[2:5], *(numbers[2:5] for numbers in drawn))
    assert (part - whole[2:5]).abs().max() < 1e-6
    assert not torch.equal(whole, views.make(images, *views.draw(6, generator(2))))


def test_digit_views_are_those_of_augment():
    images = torch.rand(5, 1, 8, 8, generator=generator())
    views = DIGIT_VIEWS.make(images, *DIGIT_VIEWS.draw(5, generator(3)))
    assert torch.equal(views, augment(images, generator(3)))


def test_place_turns_crops_shifts_and_mirrors():
    middle = torch.full((1, 5), 0.5)
    image = torch.rand(1, 1, 8, 8, generator=generator())

    def view(column, value, **settings):
        u = middle.index_fill(1, torch.tensor(column), value)
        return place(image, u, **{"rotation": 0.0, "zoom": (1.0, 1.0), "shift": 0.0} | settings)

    assert torch.allclose(view(4, 0.0), image.flip(3), atol=1e-6)
    assert torch.allclose(view(4, 0.0, flip=False), image, atol=1e-6)
    assert torch.allclose(view(0, 1.0, rotation=90.0), image.rot90(1, (2, 3)), atol=1e-5)
    assert torch.allclose(view(2, 1.0, shift=0.25)[..., :7], image[..., 1:], atol=1e-6)
    corner = middle.clone()
    corner[0, 2:4] = 1.0
    crop = place(image, corner, rotation=0.0, zoom=(0.5, 0.5))
    assert crop[0, 0, 1::2, 1::2].max() <= image[0, 0, 4:, 4:].max()  # the lower right quarter
    with pytest.raises(ValueError, match=r"got \(8, 8\)"):
        place(image[0, 0], middle)


def test_tone_tint_cut_and_backdrop_read_aloud():
    u = torch.rand(3, 5, generator=generator())
    grey = torch.rand(3, 1, 2, 2, generator=generator(1))
    colour = torch.rand(3, 3, 2, 2, generator=generator(2))
    toned, tinted = tone(grey, u[:, :2]), tint(colour, u[:, :4])
    for n in range(3):
        contrast, gamma = (math.exp(0.4 * (2 * v - 1)) for v in u[n, :2].tolist())
        for x, got in zip(grey[n].flatten().tolist(), toned[n].flatten().tolist(), strict=True):
            assert got == pytest.approx(min(1.0, contrast * x**gamma), rel=1e-5)
        for channel in range(3):
            factor = 1 + 0.15 * (2 * u[n, 0].item() - 1)
            lift = 0.15 * (2 * u[n, 1 + channel].item() - 1)
            for y in range(2):
                x = colour[n, channel, y, 1].item()
                expected = (x - 0.5) * factor + 0.5 + lift
                assert tinted[n, channel, y, 1].item() == pytest.approx(expected, rel=1e-5)
    holes = torch.tensor([[0.0, 0.99, 0.99, 0.5, 0.5], [0.9, 0.99, 0.99, 0.5, 0.5]])
    cut = cut_out(torch.ones(2, 1, 8, 8), holes)
    assert (cut[0] == 0).sum() == 16
    assert cut[1].all()
    clear = torch.zeros(2, 4, 1, 1)
    assert backdrop(clear, torch.tensor([[0.0, 0.1, 0.2, 0.3], [0.5, 0.1, 0.2, 0.3]])).flatten(
        1
    ).tolist() == [pytest.approx([0.1, 0.2, 0.3]), [1.0, 1.0, 1.0]]


def test_bags_keep_what_is_asked_and_never_nothing():
    bags = bag([["red cat", "pet"], ["ox"]], 10**6)
    counts = [bags.flat(torch.tensor([k]))[0].numel() for k in (0, 1)]
    keep = torch.tensor([[False, True], [False, False]])
    tokens, starts = bags.flat(torch.tensor([0, 1]), keep)
    assert starts.tolist() == [0, len(bag([["pet"]], 10**6).flat(torch.tensor([0]))[0])]
    assert tokens.numel() == starts[1] + counts[1]
    with pytest.raises(ValueError, match="text 1 has no word"):
        bag([["a"], [" "]], 10)


def test_a_clip_batch_is_pairs_of_training_emoji(clip_task):
    rows, style, keep, some, u = clip_task.draw(generator(4))
    table = emoji_table()
    assert len(set(rows.tolist())) == 12
    assert {table[row].split for row in rows.tolist()} == {"train"}
    assert set(style.tolist()) <= {0, 1, 2}
    assert len(keep) == len(some) == len(u) == 12
    assert some.all()  # nothing is dropped unless one asks
    many = torch.stack([clip_task.draw(generator(k))[2] for k in range(200)]).double().mean((0, 1))
    assert many[0].item() == pytest.approx(0.8, abs=0.03)
    assert many[1:].mean().item() == pytest.approx(0.5, abs=0.01)


def test_a_clip_may_lose_some_of_its_n_grams():
    task = ClipTask(generator(), batch_size=4, width=4, tokens=256, drop=0.3)
    task.model.eval()
    batch = task.draw(generator(4))
    rows, style, keep, some, u = batch
    share = torch.stack([task.draw(generator(k))[3] for k in range(200)]).double().mean()
    assert share.item() == pytest.approx(0.7, abs=0.01)
    tokens, starts = task.bags.flat(rows, keep, some)
    with torch.no_grad():
        assert torch.equal(task.embed(*batch)[1], task.model.text(tokens, starts).z)
        everything = task.embed(rows, style, keep, torch.ones_like(some), u)[1]
    assert not torch.allclose(task.embed(*batch)[1], everything)
    assert len(tokens) < len(task.bags.flat(rows, keep)[0])


def test_the_looks_of_a_picture_are_averaged():
    """As it is, turned by 6 degrees, 7% nearer or farther, mirrored; and a mean of unit rows."""
    task = ClipTask(generator(), batch_size=4, width=4, tokens=256, pool=2)
    task.model.eval()
    looks = list(task.looks("noto"))
    assert len(looks) == 18
    full = compose(premultiply(load_emoji("noto")), torch.ones(3))
    assert torch.allclose(looks[0], F.avg_pool2d(full, 2), atol=1e-5)
    for k in range(0, 18, 2):
        assert torch.allclose(looks[k + 1], looks[k].flip(3), atol=1e-5)
    ink = [(1 - look).sum().item() for look in looks[:6:2]]
    assert ink[1] / ink[0] == pytest.approx(1.07**2, rel=0.03)
    assert ink[0] / ink[2] == pytest.approx(1.07**2, rel=0.03)
    turned = place(
        full[:9] - 1, torch.full((9, 5), 0.5).index_fill(1, torch.tensor(0), 0.8), zoom=(1, 1)
    )
    assert torch.allclose(looks[12][:9], F.avg_pool2d(turned + 1, 2), atol=1e-5)
    with torch.no_grad():
        total = sum(task.model.picture(look).z for look in looks)
        assert torch.allclose(task.image("noto"), total / total.norm(dim=1, keepdim=True))


def test_parts_of_a_batch_embed_as_the_whole(clip_task):
    clip_task.model.train()
    batch = clip_task.draw(generator(4))
    whole = clip_task.embed(*batch)
    parts = [clip_task.embed(*(x[k : k + 5] for x in batch)) for k in (0, 5, 10)]
    for side in (0, 1):
        joined = torch.cat([part[side] for part in parts])
        assert (joined - whole[side]).abs().max() < 1e-5
    scale = clip_task.model.log_scale.exp()
    assert scale.item() == pytest.approx(1 / 0.07, rel=1e-6)
    assert clip_task.loss(*whole).item() == infonce.clip_loss(*whole, logit_scale=scale).item()


def test_the_scale_is_clamped(clip_task):
    before = clip_task.model.log_scale.item()
    with torch.no_grad():
        clip_task.model.log_scale.fill_(9.0)
    clip_task.after_step()
    assert clip_task.model.log_scale.exp().item() == pytest.approx(100, rel=1e-5)
    with torch.no_grad():
        clip_task.model.log_scale.fill_(before)


def test_text_pairs_are_english_and_another_language():
    task = TextPairs(generator(), batch_size=8, tokens=512)
    rows, language, some1, some2 = task.draw(generator(1))
    assert some1.double().mean().item() == pytest.approx(0.7, abs=0.05)
    assert not torch.equal(some1, some2)
    assert set(language.tolist()) <= set(range(1, len(LANGUAGES)))
    english, _ = task.bags.flat(rows[:1])
    other, _ = task.bags.flat(language[:1] * task.count + rows[:1])
    emoji = emoji_table()[rows[0]]
    named = getattr(emoji, f"name_{LANGUAGES[language[0]]}")
    assert torch.equal(english, bag([[emoji.name]], 512).flat(torch.tensor([0]))[0])
    assert torch.equal(other, bag([[named]], 512).flat(torch.tensor([0]))[0])
    assert task.model.picture is task.model.text


def test_cosine_schedule_and_decay_of_matrices_alone(clip_task):
    """AdamW by hand: the first two steps of a run of two."""
    rates = []

    class Still(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.matrix = torch.nn.Parameter(torch.ones(2, 2))
            self.vector = torch.nn.Parameter(torch.ones(2))

    class Task(infonce.train.Task):
        config = MappingProxyType({})  # never changed
        batch_size = 2
        model = Still()

        def draw(self, generator):
            return (torch.arange(2),)

        def embed(self, *batch):
            return self.model.matrix, self.model.vector

        def loss(self, a, b):
            return 0 * (a.sum() + b.sum())

        def after_step(self):
            rates.append(self.model.matrix[0, 0].item())

    fit(lambda _: Task(), steps=4, learning_rate=0.1, weight_decay=0.5, progress=False)
    expected, weight = [], 1.0
    for step in range(4):
        share = min((step / 4 + 1e-3) / 0.05, (1 + math.cos(math.pi * step / 4)) / 2)
        weight *= 1 - 0.1 * share * 0.5
        expected.append(weight)
    assert rates == pytest.approx(expected, rel=1e-6)
    assert Task.model.vector.tolist() == [1.0, 1.0]


def test_orthogonal_equals_the_singular_values_and_keeps_the_directions():
    """Each singular value goes through the polynomial by itself; both shapes of a matrix."""
    matrix = torch.randn(6, 20, generator=generator(), dtype=torch.float64)
    u, sigma, v = torch.linalg.svd(matrix, full_matrices=False)
    s = sigma / sigma.square().sum().sqrt()
    for _ in range(3):
        s = 3.4445 * s - 4.775 * s**3 + 2.0315 * s**5
    assert torch.allclose(orthogonal(matrix), u @ torch.diag(s) @ v, atol=1e-9)
    assert torch.allclose(orthogonal(matrix.T), orthogonal(matrix).T, atol=1e-12)


@pytest.mark.parametrize("muon", [-0.1, math.nan, math.inf])
def test_a_rate_that_is_none_is_refused(muon):
    with pytest.raises(ValueError, match=f"muon must be a rate, at least 0 and finite, got {muon}"):
        fit(ClipTask, steps=1, learning_rate=0.1, muon=muon, progress=False)


def test_muon_read_aloud():
    """Two steps: Nesterov's momentum, a kernel as a matrix, tall matrices larger."""
    weight = torch.nn.Parameter(torch.zeros(8, 1, 1, 2))
    gradients = torch.randn(2, 8, 1, 1, 2, generator=generator())
    mover, mean, expected = Muon([weight], lr=0.1), torch.zeros(8, 2), torch.zeros(8, 2)
    for gradient in gradients:
        weight.grad = gradient
        mover.step()
        mean = 0.95 * mean + gradient.view(8, 2)
        expected -= 0.1 * 2 * orthogonal(gradient.view(8, 2) + 0.95 * mean)
    assert torch.allclose(weight.detach().view(8, 2), expected, atol=1e-6)


def test_muon_takes_layers_and_leaves_tables_to_adam(clip_task):
    adam, muon = optimisers(clip_task.model, 0.01, 0.1, 0.05)
    ids = {id(w): name for name, w in clip_task.model.named_parameters()}
    taken = {ids[id(w)] for group in muon.param_groups for w in group["params"]}
    assert taken == {
        "picture.body.0.weight",
        "picture.body.3.weight",
        "picture.head.0.weight",
        "text.hidden.weight",
        "text.head.weight",
    }
    left = {ids[id(w)] for group in adam.param_groups for w in group["params"]}
    assert taken | left == set(ids.values())
    assert not taken & left
    assert [g["peak"] for g in (*adam.param_groups, *muon.param_groups)] == [0.01, 0.01, 0.05]
    assert len(optimisers(clip_task.model, 0.01, 0.1, 0.0)) == 1


@pytest.mark.parametrize("data", ["digits", "emoji"])
def test_the_supervised_baseline_sees_the_same_batches(data):
    """The same pictures into an encoder of the same weights; cross-entropy over cosines."""
    method = "clip" if data == "emoji" else "simclr"
    settings = RECIPES[method, data] | {"batch_size": 6}
    plain = make_task(method, data, settings, generator(2))
    task = make_task(method, data, settings | {"supervised": True}, generator(2))
    assert isinstance(task, Supervised)
    batch = task.draw(generator(1))
    other = plain.draw(generator(1))
    assert all(torch.equal(a, b) for a, b in zip(batch, other, strict=True))
    encoder = plain.model.picture if data == "emoji" else plain.model
    z, classes = task.embed(*batch)
    assert torch.equal(z, encoder(plain.pictures(*batch)).z)
    if data == "emoji":
        assert torch.equal(classes, batch[0])
    else:
        labels = load_digits().labels[stratified_split(load_digits().labels).train]
        assert torch.equal(classes, labels[batch[0]].repeat(2))
    vectors = task.model.text.weight
    cosines = z @ (vectors / vectors.norm(dim=1, keepdim=True)).T
    expected = -torch.log_softmax(cosines / 0.07, 1)[torch.arange(len(z)), classes].mean()
    assert task.loss(z, classes).item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_classifier_whose_vectors_are_the_pictures_finds_them_all(clip_task):
    """Ranks of the supervised baseline, by what they must be; chance, by counting."""
    task = Supervised(clip_task, torch.arange(1594), generator())
    task.model.eval()
    with torch.no_grad():
        task.model.text.weight.copy_(clip_task.image("fluent"))
    found = evaluation.supervised_scores(task)
    assert found["image to text, seen: R@1"] > 0.99  # a few pictures are nearly the same
    assert found["text to image, seen: R@1"] > 0.99
    assert not [setting for setting in found if "new" in setting]
    settings = [*found, "image to text, new: R@5", "zero-shot group of 9, new", "gap (no unit)"]
    chance = evaluation._chance(settings)
    assert chance["image to text, seen: R@10"] == 10 / 1594
    assert chance["image to text, seen: median rank"] == 1595 / 2
    assert chance["image to text, new: R@5"] == 5 / 239
    assert chance["zero-shot group of 9, new"] == 1 / 9
    assert "gap (no unit)" not in chance


def test_group_norm_keeps_pictures_apart():
    encoder = PictureEncoder(generator(), width=4, dim=8, hidden=16, norm="group").train()
    images = torch.rand(4, 3, 32, 32, generator=generator(1))
    assert (encoder(images[:2]).z - encoder(images).z[:2]).abs().max() < 1e-6


def test_fashion_files_are_checked_packed_or_not(tmp_path, monkeypatch):
    content = {name: bytes([k]) * (16 + 784 * 2) for k, name in enumerate(data._FASHION_SHA256)}
    for name in content:
        if "images" in name:
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content[name]))
        else:
            (tmp_path / name).write_bytes(content[name])
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte is not the data .* SHA-256"):
        load_fashion_mnist(tmp_path)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"\x1f\x8b broken")
    with pytest.raises(ValueError, match="cannot be unpacked"):
        load_fashion_mnist(tmp_path)
    (tmp_path / "train-images-idx3-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match="install the Debian package dataset-fashion-mnist"):
        load_fashion_mnist(tmp_path)


def test_equal_similarities_come_in_a_random_order():
    """Neither for nor against what cannot tell: the ranks of ties are those of a draw."""
    ranks = evaluation._ranks(torch.zeros(239, 239))
    assert sorted(ranks.tolist()) == list(range(1, 240))
    assert ranks.tolist() != list(range(1, 240))
    similarity = torch.tensor([[0.5, 0.9, 0.1], [0.9, 0.5, 0.1], [0.1, 0.1, 0.9]])
    assert evaluation._ranks(similarity).tolist() == [2, 2, 1]
