r"""What is trained: SimCLR, CLIP and text pairs, each as batches, embeddings and a loss.

The loop knows nothing of pictures or words. A task draws a batch as a few tensors of `N` rows (all
randomness happens there), turns a batch, or any part of its rows, into two embeddings, and says
what their loss is.
"""

import hashlib
import importlib
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F

import infonce.losses
from infonce.train.captions import Bags, bag
from infonce.train.data import Emoji, compose, emoji_table, load_emoji, premultiply
from infonce.train.encoders import ClassVectors, PictureEncoder, TextEncoder
from infonce.train.views import EMOJI_VIEWS, Views, place

__all__ = ["LANGUAGES", "Clip", "ClipTask", "SimCLR", "Supervised", "Task", "TextPairs", "captions"]

LANGUAGES = ("en", "de", "fr", "es", "it", "ru", "ja", "zh")
"""The languages of the names of emoji; English first."""


def _losses() -> Any:
    """The losses of this process's batch, or of the rows that all processes of a job hold."""
    if not dist.is_initialized():
        return infonce.losses
    return importlib.import_module("infonce.distributed")


class Task:
    """A model and how it is trained; `fit` runs it.

    Attributes:
        config: what the result depends on besides steps, seed and learning rate; plain values.
        model: the network or networks that are trained.
        batch_size: pairs a batch.
    """

    config: dict[str, Any]
    model: Any
    batch_size: int

    def draw(self, generator: torch.Generator) -> tuple[Tensor, ...]:
        """A batch: tensors of `batch_size` rows, the first of them the numbers of the items."""
        raise NotImplementedError

    def embed(self, *batch: Tensor) -> tuple[Tensor, Tensor]:
        """Both sides of the pairs of a batch or of some of its rows, each `(n, d)`."""
        raise NotImplementedError

    def loss(self, a: Tensor, b: Tensor) -> Tensor:
        """The loss of all pairs of a batch, in nats."""
        raise NotImplementedError

    def after_step(self) -> None:
        """What is done to the weights after each step: nothing, unless a task says so."""


class SimCLR(Task):
    r"""Two random views of a picture are a pair; NT-Xent.

    Args:
        images: shape `(n, channels, height, width)`, float32.
        encoder: returns `Features`.
        views: how views are made.
        batch_size: pictures a batch, 1 to `n`.
        temperature: of the loss.

    Raises:
        TypeError: images are not float32.
        ValueError: a batch of no or too many pictures.

    Source:
        Chen, Kornblith, Norouzi & Hinton 2020, Algorithm 1.
    """

    def __init__(
        self,
        images: Tensor,
        encoder: nn.Module,
        views: Views,
        *,
        batch_size: int,
        temperature: float,
    ) -> None:
        if images.dtype != torch.float32:
            raise TypeError(f"images must be float32, got {images.dtype}")
        _check_batch(batch_size, len(images))
        self.images, self.model, self.views = images, encoder, views
        self.batch_size, self.temperature = batch_size, temperature
        self.config = {
            "method": "simclr",
            "data": digest(images),
            "batch_size": batch_size,
            "temperature": temperature,
        }

    def draw(self, generator: torch.Generator) -> tuple[Tensor, ...]:
        rows = torch.randperm(len(self.images), generator=generator)[: self.batch_size]
        view1 = self.views.draw(self.batch_size, generator)
        view2 = self.views.draw(self.batch_size, generator)
        return rows, *view1, *view2

    def pictures(self, *batch: Tensor) -> Tensor:
        rows, drawn = batch[0], batch[1:]
        half = len(drawn) // 2
        view1 = self.views.make(self.images[rows], *drawn[:half])
        view2 = self.views.make(self.images[rows], *drawn[half:])
        return torch.cat((view1, view2))

    def embed(self, *batch: Tensor) -> tuple[Tensor, Tensor]:
        z1, z2 = self.model(self.pictures(*batch)).z.chunk(2)
        return z1, z2

    def loss(self, a: Tensor, b: Tensor) -> Tensor:
        return _losses().nt_xent(a, b, temperature=self.temperature)


class Clip(nn.Module):
    r"""Two encoders and the logarithm of the scale of their similarities, at first $\log(1/0.07)$.

    Args:
        picture: encoder of one side.
        text: encoder of the other; for text pairs, both are the same.

    Source:
        Radford et al. 2021, arXiv 2103.00020, section 2.5.
    """

    def __init__(self, picture: nn.Module, text: nn.Module) -> None:
        super().__init__()
        self.picture, self.text = picture, text
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))


class _Scaled(Task):
    """A pair of encoders under the CLIP loss with a learned, clamped scale."""

    def loss(self, a: Tensor, b: Tensor) -> Tensor:
        return _losses().clip_loss(a, b, logit_scale=self.model.log_scale.exp())

    def after_step(self) -> None:
        with torch.no_grad():
            self.model.log_scale.clamp_(max=math.log(100))


class ClipTask(_Scaled):
    r"""A picture in a random style and some of its words are a pair.

    Args:
        generator: source of the weights.
        styles: drawing styles to train on.
        rows: of the emoji to train on; by default those whose split is `"train"`.
        batch_size: pairs a batch; no emoji is twice in one.
        width: of the image encoder.
        tokens: size of the table of word and n-gram vectors.
        norm: of the image encoder, `"batch"` or `"group"`.
        drop: share of the n-grams that are left out of a text, at random.
        pool: pixels of a side that are averaged to one before anything else; 1 keeps all.

    Source:
        Radford et al. 2021, arXiv 2103.00020, Figure 3.
    """

    def __init__(
        self,
        generator: torch.Generator,
        *,
        styles: Sequence[str] = ("noto", "twemoji", "openmoji"),
        rows: Tensor | None = None,
        batch_size: int = 256,
        width: int = 32,
        tokens: int = 16384,
        norm: Any = "batch",
        drop: float = 0.0,
        pool: int = 1,
    ) -> None:
        table = emoji_table()
        self.rows = trained_rows(table) if rows is None else rows
        _check_batch(batch_size, len(self.rows))
        self.batch_size = batch_size
        self.styles, self.drop, self.pool = styles, drop, pool
        self.drawn = torch.stack(
            [F.avg_pool2d(premultiply(load_emoji(style)), pool) for style in styles]
        )
        self.bags = bag([captions(e) for e in table], tokens)
        self.parts = int(self.bags.part.max()) + 1
        self.model = Clip(
            PictureEncoder(generator, size=32 // pool, width=width, norm=norm),
            TextEncoder(generator, tokens=tokens),
        )
        self.config = {
            "method": "clip",
            "data": digest(self.drawn, self.bags.tokens, self.rows),
            "styles": ", ".join(styles),
            "batch_size": batch_size,
            "width": width,
            "tokens": tokens,
            "norm": norm,
            "drop": drop,
            "pool": pool,
        }

    def looks(self, style: str) -> Iterator[Tensor]:
        """All emoji in a style, on white, as the image encoder may see them.

        As they are, turned a little, nearer and farther, each of them both ways round.
        """
        full = premultiply(load_emoji(style))
        for turn, zoom, side in product((0.5, 0, 1), (0.5, 0, 1), (0.5, 0)):
            u = torch.tensor([turn, zoom, 0.5, 0.5, side]).expand(len(full), 5)
            seen = place(full, u, rotation=6, zoom=(1 / 1.07, 1.07))
            yield compose(F.avg_pool2d(seen, self.pool), torch.ones(3))

    def image(self, style: str) -> Tensor:
        """Embeddings of all emoji in a style: those of their looks, averaged and normalised."""
        return F.normalize(torch.stack([self.model.picture(x).z for x in self.looks(style)]).sum(0))

    def draw(self, generator: torch.Generator) -> tuple[Tensor, ...]:
        n = self.batch_size
        rows = self.rows[torch.randperm(len(self.rows), generator=generator)[:n]]
        style = torch.randint(len(self.drawn), (n,), generator=generator)
        keep = torch.rand(n, self.parts, generator=generator) < 0.5
        keep[:, 0] |= torch.rand(n, generator=generator) < 0.6  # the name: 0.8 in all
        some = torch.rand(n, self.bags.tokens.shape[1], generator=generator) >= self.drop
        return rows, style, keep, some, *EMOJI_VIEWS.draw(n, generator)

    def pictures(self, *batch: Tensor) -> Tensor:
        rows, style, _, _, u = batch
        return EMOJI_VIEWS.make(self.drawn[style, rows], u)

    def embed(self, *batch: Tensor) -> tuple[Tensor, Tensor]:
        rows, _, keep, some, _ = batch
        texts = self.bags.flat(rows, keep, some)
        return self.model.picture(self.pictures(*batch)).z, self.model.text(*texts).z


class TextPairs(_Scaled):
    r"""The name of an emoji in English and in another language are a pair.

    Args:
        generator: source of the weights.
        rows: of the emoji to train on; by default those whose split is `"train"`.
        batch_size: pairs a batch; no emoji is twice in one.
        tokens: size of the table of word and n-gram vectors.
        drop: share of the n-grams that are left out of a name, at random.

    Source:
        Ours; pairs of translations are trained so in Feng et al. 2022, arXiv 2007.01852.
    """

    def __init__(
        self,
        generator: torch.Generator,
        *,
        rows: Tensor | None = None,
        batch_size: int = 256,
        tokens: int = 8192,
        drop: float = 0.3,
    ) -> None:
        table = emoji_table()
        self.rows = trained_rows(table) if rows is None else rows
        _check_batch(batch_size, len(self.rows))
        self.batch_size, self.drop = batch_size, drop
        self.bags: Bags = bag([[name(e, code)] for code in LANGUAGES for e in table], tokens)
        self.count = len(table)
        text = TextEncoder(generator, tokens=tokens, residual=True)
        self.model = Clip(text, text)
        self.config = {
            "method": "text",
            "data": digest(self.bags.tokens, self.rows),
            "batch_size": batch_size,
            "tokens": tokens,
            "drop": drop,
        }

    def draw(self, generator: torch.Generator) -> tuple[Tensor, ...]:
        n, longest = self.batch_size, self.bags.tokens.shape[1]
        rows = self.rows[torch.randperm(len(self.rows), generator=generator)[:n]]
        language = torch.randint(1, len(LANGUAGES), (n,), generator=generator)
        some = torch.rand(2, n, longest, generator=generator) >= self.drop
        return rows, language, *some

    def embed(self, *batch: Tensor) -> tuple[Tensor, Tensor]:
        rows, language, some1, some2 = batch
        english = self.bags.flat(rows, some=some1)
        other = self.bags.flat(language * self.count + rows, some=some2)
        return self.model.text(*english).z, self.model.text(*other).z


class Supervised(_Scaled):
    r"""The baseline with labels: another task's batches, views and encoder, under cross-entropy.

    $$-\log \frac{e^{s\, z^\top w_y}}{\sum_c e^{s\, z^\top w_c}}$$ with one unit vector $w_c$ a
    class in place of a second encoder; the scale $s$ is learned as in `Clip`.

    Args:
        like: a task with pictures, before its first step; its encoder is the one that is trained.
        labels: classes, 0 to K - 1, one for each row that `like` may draw, shape `(n,)`.
        generator: source of the class vectors.

    Source:
        Softmax over cosines: Wang et al. 2017, "NormFace", arXiv 1704.06369.
    """

    def __init__(self, like: Any, labels: Tensor, generator: torch.Generator) -> None:
        self.like, self.labels, self.batch_size = like, labels, like.batch_size
        encoder: Any = like.model.picture if isinstance(like.model, Clip) else like.model
        last = [m for m in encoder.head.modules() if isinstance(m, nn.Linear)][-1]
        self.model = Clip(
            encoder, ClassVectors(generator, int(labels.max()) + 1, last.out_features)
        )
        self.config = like.config | {"supervised": True, "labels": digest(labels)}

    def draw(self, generator: torch.Generator) -> tuple[Tensor, ...]:
        return self.like.draw(generator)

    def embed(self, *batch: Tensor) -> tuple[Tensor, Tensor]:
        """The embeddings, and the classes, of the pictures of a batch."""
        z = self.model.picture(self.like.pictures(*batch)).z
        return z, self.labels[batch[0]].repeat(len(z) // len(batch[0]))

    def loss(self, a: Tensor, b: Tensor) -> Tensor:
        return F.cross_entropy(self.model.log_scale.exp() * a @ self.model.text().T, b)


def captions(emoji: Emoji) -> list[str]:
    """The parts of an emoji's text: its name, then its keywords.

    Source:
        Ours.

    Examples:
        >>> print(captions(emoji_table()[0])[:3])
        ['grinning face', 'cheerful', 'cheery']
    """
    return [emoji.name, *emoji.keywords]


def name(emoji: Emoji, language: str) -> str:
    return emoji.name if language == "en" else getattr(emoji, f"name_{language}")


def trained_rows(table: Sequence[Emoji]) -> Tensor:
    return torch.tensor([e.row for e in table if e.split == "train"])


def digest(*tensors: Tensor) -> str:
    """The first 16 digits of the SHA-256 of what tensors hold."""
    found = hashlib.sha256()
    for tensor in tensors:
        found.update(bytes(tensor.contiguous().numpy()))
    return found.hexdigest()[:16]


def _check_batch(batch_size: int, most: int) -> None:
    if not 1 <= batch_size <= most:
        raise ValueError(f"batch_size must be 1 to {most}, got {batch_size}")


Make = Callable[[torch.Generator], Task]
