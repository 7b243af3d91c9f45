r"""Three real data sets that are never fetched: handwritten digits, emoji and clothes.

**Digits** (in scikit-learn): 1,797 pictures of 8 by 8 pixels in 10 classes. They are the test part
of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, UCI Machine Learning
Repository, 1998, CC BY 4.0), written by 13 people. The file does not say who wrote what, so every
split here has the same writers on both sides: new writers would be harder.

**Emoji** (in this package): 1,594 emoji, each drawn in four styles and most in a fifth, with names
from Unicode CLDR. The pictures belong to their authors: Noto (Apache-2.0), Twemoji (CC BY 4.0),
Fluent (MIT), OpenMoji (CC BY-SA 4.0: share-alike reaches figures made from it). What a page that
shows them must say is in `infonce/emoji/LICENSES.md`.

**Fashion-MNIST** (a Debian package, or files you have): 70,000 pictures of 28 by 28 pixels in 10
classes of clothing (H. Xiao, K. Rasul and R. Vollgraf, Zalando SE, 2017, MIT licence).

Every loader compares sizes and SHA-256 sums with the ones written here and refuses anything else.
"""

import csv
import gzip
import hashlib
import importlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

__all__ = [
    "STYLES", "Digits", "Emoji", "Fashion", "Split", "compose", "emoji_prompts", "emoji_table",
    "load_digits", "load_emoji", "load_fashion_mnist", "premultiply", "stratified_split",
]  # fmt: skip

STYLES = ("noto", "twemoji", "fluent", "openmoji", "noto-v1")
"""The drawing styles of `load_emoji`; the first four draw every emoji."""

_DIGITS_SHA256 = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
_EMOJI_SHA256 = {
    "emoji.tsv": "14be03aae0db47f7201fe2ad1d843c2f74ff388b0110adb60adfedbdb38367d0",
    "prompts.tsv": "73ad163f699bb17a580d3b34f6780e427cb584525d2004d4f4b41e470c58a578",
    "noto.webp": "221741fc5f3be785acee46b723bef9bd546686bdef5615f463bab6f271260128",
    "twemoji.webp": "c2590282ed82e85c27ee80dcfcdb49b3fdfef0fa60e998b2e2c730efbd45814e",
    "fluent.webp": "9521e36a7716fee8b43a21b2e747ef4f7c4325650588d28370b4bb44fa79ea24",
    "openmoji.webp": "9bf52a481da2a711241b6382e0d6c826367735c7ec841bdcf6675ec6ae2eafe0",
    "noto-v1.webp": "ec5aa7919cf61d39177e524fdab927dc613a1e1cae4b04a7320734852b8a0413",
}
_FASHION = Path("/usr/share/datasets/fashion-mnist")
_FASHION_SHA256 = {  # of the unpacked files
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
_COUNT = 1594  # emoji; a sheet has 40 x 40 cells of 32 x 32 pixels, the last 6 empty


class Digits(NamedTuple):
    """Pictures and their classes.

    Attributes:
        images: grey values in [0, 1], float32, shape `(1797, 1, 8, 8)`, 1 is ink.
        labels: the digit, int64, shape `(1797,)`.
    """

    images: Tensor
    labels: Tensor


class Split(NamedTuple):
    """Row numbers of two disjoint parts, each ascending, int64."""

    train: Tensor
    test: Tensor


class Fashion(NamedTuple):
    """Pictures, their classes, and the split that everyone uses.

    Attributes:
        images: grey values in [0, 1], float32, shape `(70000, 1, 28, 28)`, 0 is background.
        labels: t-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot;
            int64, shape `(70000,)`.
        split: the first 60,000 rows train, the last 10,000 test.
    """

    images: Tensor
    labels: Tensor
    split: Split


@dataclass(frozen=True)
class Emoji:
    """One row of the emoji table.

    Attributes:
        row: position on every sheet, 0 to 1593.
        hexcode: code points in hexadecimal, joined by `-`.
        emoji: the characters themselves.
        name: English CLDR short name, unique.
        keywords: English CLDR keywords.
        group: one of 9.
        subgroup: one of 95.
        version: Emoji version in which it appeared.
        family: variants of one idea (man, woman, person farmer) share one.
        split: `"heldout"` for whole families that training must not see.
        noto_v1: whether the style `noto-v1` draws it.
        name_de: German name; `name_fr`, `name_es`, `name_it`, `name_ru`, `name_ja`, `name_zh`
            likewise in French, Spanish, Italian, Russian, Japanese, Chinese.
    """

    row: int
    hexcode: str
    emoji: str
    name: str
    keywords: tuple[str, ...]
    group: str
    subgroup: str
    version: str
    family: str
    split: Literal["train", "heldout"]
    noto_v1: bool
    name_de: str
    name_fr: str
    name_es: str
    name_it: str
    name_ru: str
    name_ja: str
    name_zh: str


def require(module: str, package: str) -> Any:
    """Import a module of the optional part, or say in one sentence where it comes from."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{package} is missing: it comes with the extra 'train' (infonce-reference[train])"
        ) from error


def _check(what: str, data: bytes, wanted: str) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != wanted:
        raise ValueError(
            f"{what} is not the data this package was made with: "
            f"SHA-256 {found[:12]} instead of {wanted[:12]}, {len(data)} bytes"
        )
    return data


def load_digits() -> Digits:
    """The 1,797 handwritten digits that come with scikit-learn.

    Returns:
        `Digits(images, labels)`; the 17 grey levels are scaled to [0, 1].

    Raises:
        ImportError: scikit-learn is missing.
        ValueError: scikit-learn brought other data.

    Source:
        Alpaydin & Kaynak 1998, UCI Machine Learning Repository,
        <https://doi.org/10.24432/C50P49>, CC BY 4.0.

    Examples:
        >>> images, labels = load_digits()
        >>> print(tuple(images.shape), labels[:12].tolist())
        (1797, 1, 8, 8) [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    """
    bunch = require("sklearn.datasets", "scikit-learn").load_digits()
    images = torch.tensor(bunch.images, dtype=torch.uint8)
    labels = torch.tensor(bunch.target, dtype=torch.uint8)
    if images.shape != (1797, 8, 8) or labels.shape != (1797,):
        shapes = f"{tuple(images.shape)} and {tuple(labels.shape)}"
        raise ValueError(f"digits must be (1797, 8, 8) with (1797,) labels, got {shapes}")
    _check("scikit-learn's digits", bytes(images.numpy()) + bytes(labels.numpy()), _DIGITS_SHA256)
    return Digits(images[:, None] / 16, labels.long())


def load_fashion_mnist(folder: Path | None = None) -> Fashion:
    """Fashion-MNIST, from the Debian package `dataset-fashion-mnist` or from a folder.

    Args:
        folder: where the four files are, as published (`train-images-idx3-ubyte.gz` and so on) or
            unpacked; by default where the package puts them.

    Returns:
        `Fashion(images, labels, split)`.

    Raises:
        FileNotFoundError: a file is missing; the message says how to get it.
        ValueError: a file is something else.

    Source:
        Xiao, Rasul & Vollgraf 2017, arXiv 1708.07747, MIT licence.

    Examples:
        >>> try:
        ...     load_fashion_mnist(Path("no such folder"))
        ... except FileNotFoundError as error:
        ...     print(str(error)[:53])
        no such folder/train-images-idx3-ubyte.gz is missing.
    """
    parts = [_fashion_file(folder or _FASHION, name) for name in _FASHION_SHA256]
    images = torch.cat((parts[0][16:], parts[2][16:])).view(70000, 1, 28, 28) / 255
    labels = torch.cat((parts[1][8:], parts[3][8:])).long()
    return Fashion(images, labels, Split(torch.arange(60000), torch.arange(60000, 70000)))


def _fashion_file(folder: Path, name: str) -> Tensor:
    packed, plain = folder / f"{name}.gz", folder / name
    try:
        content = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{packed} is missing. Fashion-MNIST is never fetched for you: install the Debian "
            "package dataset-fashion-mnist, or name a folder with its four files"
        ) from error
    except (EOFError, OSError) as error:
        raise ValueError(f"{packed} cannot be unpacked: {error}") from error
    return torch.frombuffer(
        bytearray(_check(f"{folder / name}", content, _FASHION_SHA256[name])), dtype=torch.uint8
    )


def stratified_split(labels: Tensor, *, test_fraction: float = 1 / 3, seed: int = 0) -> Split:
    r"""Cut rows in two so that every class is cut in the same proportion.

    Class by class, in ascending order, the rows are shuffled by one generator and the first
    $\mathrm{round}(n_c \cdot \text{fraction})$ become test rows.

    Args:
        labels: classes, integers from 0, shape `(n,)`.
        test_fraction: part of each class that is tested on, in (0, 1).
        seed: of the generator; the default is the split that all reported results use.

    Returns:
        `Split(train, test)`, ascending row numbers.

    Raises:
        ValueError: labels are not a vector, or the fraction is outside (0, 1).

    Source:
        Ours; stratified random splits are common practice.

    Examples:
        >>> split = stratified_split(load_digits().labels)
        >>> print(len(split.train), len(split.test))
        1198 599
    """
    if labels.ndim != 1:
        raise ValueError(f"labels must be (n,), got {tuple(labels.shape)}")
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction must lie between 0 and 1, got {test_fraction}")
    generator = torch.Generator().manual_seed(seed)
    is_test = torch.zeros(len(labels), dtype=torch.bool)
    for label in range(int(labels.max()) + 1):
        rows = torch.nonzero(labels == label).squeeze(1)
        shuffled = rows[torch.randperm(len(rows), generator=generator)]
        is_test[shuffled[: round(len(rows) * test_fraction)]] = True
    return Split(torch.nonzero(~is_test).squeeze(1), torch.nonzero(is_test).squeeze(1))


def _emoji_file(name: str) -> bytes:
    data = (files("infonce") / "emoji" / name).read_bytes()
    return _check(f"infonce/emoji/{name}", data, _EMOJI_SHA256[name])


def _emoji(row: dict[str, Any]) -> Emoji:
    keywords = tuple(row["keywords"].split("|"))
    row |= {"row": int(row["row"]), "keywords": keywords, "noto_v1": row["noto_v1"] == "1"}
    return Emoji(**row)


def emoji_table() -> tuple[Emoji, ...]:
    """Names, keywords, groups and splits of the 1,594 emoji.

    Returns:
        One `Emoji` a row, in the order of the sheets.

    Raises:
        ValueError: the file was changed.

    Source:
        Unicode CLDR (Unicode License V3), compiled by emojibase-data 17.0.0 (MIT).

    Examples:
        >>> table = emoji_table()
        >>> print(len(table), sum(e.split == "heldout" for e in table), table[3].name)
        1594 239 beaming face with smiling eyes
    """
    return tuple(_emoji(row) for row in _table("emoji.tsv"))


def emoji_prompts() -> dict[str, list[str]]:
    """What a subgroup shows, in everyday words: prompts for zero-shot classification.

    The names of subgroups are written for those who sort emoji: "av-symbol", "alphanum". Captions
    hardly use such words.

    Returns:
        Subgroup -> its prompts.

    Raises:
        ValueError: the file was changed.

    Source:
        Ours, written from the names of the subgroups and counts of their words in training
        captions, before any model was asked.

    Examples:
        >>> print(emoji_prompts()["av-symbol"])
        ['play button', 'pause video button']
    """
    return {row["subgroup"]: row["prompts"].split("|") for row in _table("prompts.tsv")}


def _table(name: str) -> Iterable[dict[str, Any]]:
    text = io.StringIO(_emoji_file(name).decode("utf-8"), newline="")
    return csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)


def load_emoji(style: str) -> Tensor:
    """All emoji in one drawing style.

    Args:
        style: one of `STYLES`. `"noto-v1"` leaves the cells it does not draw transparent; see
            `Emoji.noto_v1`.

    Returns:
        Red, green, blue and straight (not premultiplied) alpha, uint8, shape `(1594, 4, 32, 32)`.

    Raises:
        ImportError: Pillow is missing.
        ValueError: unknown style, or the file was changed.

    Source:
        Noto Emoji (Google), Twemoji, Fluent Emoji (Microsoft), OpenMoji; see
        `infonce/emoji/LICENSES.md`.

    Examples:
        How much of the frame a style leaves transparent:

        >>> for style in ("noto", "openmoji"):
        ...     print(style, f"{(load_emoji(style)[:, 3] == 0).float().mean():.3f}")
        noto 0.432
        openmoji 0.645
    """
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    image = require("PIL.Image", "Pillow").open(io.BytesIO(_emoji_file(f"{style}.webp")))
    sheet = torch.frombuffer(bytearray(image.convert("RGBA").tobytes()), dtype=torch.uint8)
    cells = sheet.view(40, 32, 40, 32, 4).permute(0, 2, 4, 1, 3)  # row, column, channel, y, x
    return cells.reshape(1600, 4, 32, 32)[:_COUNT]


def premultiply(rgba: Tensor) -> Tensor:
    """Straight alpha to premultiplied alpha: the form that may be blurred, warped and added.

    Args:
        rgba: shape `(..., 4, height, width)`, uint8 0 to 255 or float 0 to 1.

    Returns:
        float in [0, 1], same shape, colours times alpha.

    Raises:
        ValueError: the third last dimension is not 4.

    Source:
        Porter & Duff 1984, "Compositing digital images".

    Examples:
        White at half opacity:

        >>> pixel = torch.tensor([1.0, 1.0, 1.0, 0.5]).view(4, 1, 1)
        >>> print(premultiply(pixel).flatten().tolist())
        [0.5, 0.5, 0.5, 0.5]
    """
    if rgba.ndim < 3 or rgba.shape[-3] != 4:
        raise ValueError(f"rgba must be (..., 4, height, width), got {tuple(rgba.shape)}")
    rgba = rgba if rgba.is_floating_point() else rgba / 255
    rgb, alpha = rgba[..., :3, :, :], rgba[..., 3:, :, :]
    return torch.cat((rgb * alpha, alpha), dim=-3)


def compose(premultiplied: Tensor, background: Tensor) -> Tensor:
    r"""Lay premultiplied pictures over a plain colour: $c + (1 - \alpha)\, b$.

    Args:
        premultiplied: colours times alpha and alpha, shape `(..., 4, height, width)`.
        background: red, green, blue in [0, 1], shape `(3,)`, or one colour a picture, `(n, 3)`.

    Returns:
        Opaque red, green, blue in [0, 1], shape `(..., 3, height, width)`.

    Raises:
        ValueError: wrong shapes.

    Source:
        Porter & Duff 1984, "Compositing digital images", the operator *over*.

    Examples:
        White at half opacity on black:

        >>> pixel = premultiply(torch.tensor([1.0, 1.0, 1.0, 0.5]).view(4, 1, 1))
        >>> print(compose(pixel, torch.zeros(3)).flatten().tolist())
        [0.5, 0.5, 0.5]
    """
    if premultiplied.ndim < 3 or premultiplied.shape[-3] != 4:
        shape = tuple(premultiplied.shape)
        raise ValueError(f"premultiplied must be (..., 4, height, width), got {shape}")
    if background.ndim not in (1, 2) or background.shape[-1] != 3:
        raise ValueError(f"background must be (3,) or (n, 3), got {tuple(background.shape)}")
    colour, alpha = premultiplied[..., :3, :, :], premultiplied[..., 3:, :, :]
    return colour + (1 - alpha) * background[..., None, None]
