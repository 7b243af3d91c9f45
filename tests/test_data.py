import hashlib
import shutil
import sys
from pathlib import Path

import pytest
import sklearn.datasets
import torch

from infonce.train import (
    STYLES,
    compose,
    data,
    emoji_prompts,
    emoji_table,
    load_digits,
    load_emoji,
    premultiply,
    stratified_split,
)

EMOJI = Path(data.__file__).parents[1] / "emoji"


def test_digits_are_the_1797_real_ones():
    images, labels = load_digits()
    assert images.shape == (1797, 1, 8, 8)
    assert images.dtype == torch.float32
    assert (images * 16).unique().tolist() == list(range(17))
    assert labels.dtype == torch.int64
    assert labels.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_other_digits_are_refused(monkeypatch):
    bunch = sklearn.datasets.load_digits()
    bunch.images[1000, 4, 4] += 1
    monkeypatch.setattr(sklearn.datasets, "load_digits", lambda: bunch)
    with pytest.raises(ValueError, match="SHA-256"):
        load_digits()
    bunch.images = bunch.images[:100]
    with pytest.raises(ValueError, match=r"\(1797, 8, 8\).*\(100, 8, 8\)"):
        load_digits()


@pytest.mark.parametrize("fraction", [0.1, 1 / 3, 0.5])
def test_split_cuts_every_class_in_the_same_proportion(fraction):
    labels = load_digits().labels
    train, test = stratified_split(labels, test_fraction=fraction)
    assert torch.cat((train, test)).sort().values.tolist() == list(range(1797))
    assert train.tolist() == sorted(train.tolist())
    counts = labels.bincount().tolist()
    assert labels[test].bincount().tolist() == [round(n * fraction) for n in counts]


def test_split_is_fixed_and_seeded():
    labels = load_digits().labels
    assert stratified_split(labels).test[:8].tolist() == [1, 2, 6, 10, 13, 14, 16, 17]
    assert not torch.equal(stratified_split(labels).test, stratified_split(labels, seed=1).test)


def test_split_errors():
    with pytest.raises(ValueError, match=r"labels must be \(n,\), got \(2, 2\)"):
        stratified_split(torch.zeros(2, 2))
    for fraction in (0.0, 1.0, float("nan")):
        with pytest.raises(ValueError, match="test_fraction"):
            stratified_split(torch.zeros(4, dtype=torch.long), test_fraction=fraction)


def test_emoji_table():
    table = emoji_table()
    assert [e.row for e in table] == list(range(1594))
    assert len({e.name for e in table}) == 1594
    assert len({e.group for e in table}) == 9
    assert len({e.subgroup for e in table}) == 95
    assert sum(e.noto_v1 for e in table) == 1181
    first = table[0]
    assert (first.hexcode, first.emoji, first.family) == ("1F600", "😀", "1F600")
    assert first.keywords[:3] == ("cheerful", "cheery", "face")
    assert (first.name_de, first.name_ja) == ("grinsendes Gesicht", "にっこり笑う")
    assert all(isinstance(value, str) and value for e in table for value in (e.name_fr, e.name_zh))


def test_no_family_is_on_both_sides_of_the_emoji_split():
    families = {
        split: {e.family for e in emoji_table() if e.split == split}
        for split in ("train", "heldout")
    }
    assert len(families["heldout"]) == 207
    assert not families["train"] & families["heldout"]
    assert {e.split for e in emoji_table()} == {"train", "heldout"}


@pytest.mark.parametrize("style", STYLES)
def test_emoji_sheets(style):
    cells = load_emoji(style)
    assert cells.shape == (1594, 4, 32, 32)
    assert cells.dtype == torch.uint8
    alpha = cells[:, 3]
    assert not cells[:, :3][(alpha == 0)[:, None].expand(-1, 3, -1, -1)].any()
    drawn = alpha.flatten(1).any(1).tolist()
    assert drawn == [style != "noto-v1" or e.noto_v1 for e in emoji_table()]


def test_emoji_decode_to_the_pixels_that_were_stored():
    """SHA-256 of all five styles, taken from the PNG sheets the WebP ones were made from."""
    pixels = hashlib.sha256()
    for style in STYLES:
        pixels.update(bytes(load_emoji(style).permute(0, 2, 3, 1).contiguous().numpy()))
    assert pixels.hexdigest() == "23cfa37e1bb1efa150ab3f31f87f3c3108ff3c2c951f9748677dd361fdfab38d"


@pytest.mark.parametrize("name", ["emoji.tsv", "prompts.tsv", "noto.webp"])
def test_a_changed_emoji_file_is_refused(name, tmp_path, monkeypatch):
    shutil.copytree(EMOJI, tmp_path / "emoji")
    content = bytearray((tmp_path / "emoji" / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "emoji" / name).write_bytes(content)
    monkeypatch.setattr(data, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match=f"infonce/emoji/{name} is not the data"):
        {"emoji.tsv": emoji_table, "prompts.tsv": emoji_prompts}.get(
            name, lambda: load_emoji("noto")
        )()
    assert load_emoji("fluent").any()  # the others are still good


def test_every_subgroup_has_prompts():
    prompts = emoji_prompts()
    assert list(prompts) == list(dict.fromkeys(e.subgroup for e in emoji_table()))
    assert all(text == text.strip().lower() != "" for texts in prompts.values() for text in texts)


def test_unknown_style():
    with pytest.raises(ValueError, match=r"noto, twemoji, .* got 'apple'"):
        load_emoji("apple")


@pytest.mark.parametrize(
    ("module", "package", "load"),
    [
        ("sklearn.datasets", "scikit-learn", load_digits),
        ("PIL.Image", "Pillow", lambda: load_emoji("noto")),
    ],
)
def test_a_missing_package_is_named_with_its_extra(module, package, load, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"{package} is missing.*infonce-reference\[train\]"):
        load()


def test_compose_is_the_over_operator():
    """One pixel at a time: alpha parts of the colour, the rest of the background."""
    g = torch.Generator().manual_seed(0)
    rgba = torch.randint(0, 256, (3, 4, 2, 2), generator=g, dtype=torch.uint8)
    backgrounds = torch.rand(3, 3, generator=g, dtype=torch.float64)
    composed = compose(premultiply(rgba.double() / 255), backgrounds)
    for picture in range(3):
        for y in range(2):
            for x in range(2):
                *colour, alpha = (v / 255 for v in rgba[picture, :, y, x].tolist())
                for channel in range(3):
                    back = backgrounds[picture, channel].item()
                    expected = alpha * colour[channel] + (1 - alpha) * back
                    got = composed[picture, channel, y, x].item()
                    assert got == pytest.approx(expected, rel=1e-14)


def test_compose_takes_bytes_and_one_colour_for_all():
    rgba = torch.tensor([[255, 0, 0, 255], [9, 9, 9, 0]], dtype=torch.uint8).view(2, 4, 1, 1)
    red, clear = compose(premultiply(rgba), torch.tensor([0.0, 0.5, 1.0])).flatten(1).tolist()
    assert (red, clear) == ([1.0, 0.0, 0.0], [0.0, 0.5, 1.0])


def test_colour_errors():
    with pytest.raises(ValueError, match=r"rgba must be .* got \(3, 8, 8\)"):
        premultiply(torch.zeros(3, 8, 8))
    with pytest.raises(ValueError, match=r"premultiplied must be .* got \(3, 8, 8\)"):
        compose(torch.zeros(3, 8, 8), torch.zeros(3))
    with pytest.raises(ValueError, match=r"background must be .* got \(4,\)"):
        compose(torch.zeros(4, 8, 8), torch.zeros(4))


def test_every_emoji_file_is_in_the_licence_table():
    licences = (EMOJI / "LICENSES.md").read_text(encoding="utf-8")
    named = {line.split("`")[1] for line in licences.splitlines() if line.startswith("| `")}
    assert named == {f.name for f in EMOJI.iterdir() if f.suffix in {".webp", ".tsv"}}
