r"""Texts as bags of hashed words and character n-grams."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Bags", "bag", "ngrams", "token"]


def ngrams(text: str) -> list[str]:
    r"""Words and pieces of words: `<cat>` with 3 and 4 characters at a time.

    Words in Chinese or Japanese characters, which are not separated by spaces, give 1 and 2 at a
    time.

    Args:
        text: any; capitals do not matter.

    Returns:
        N-grams in order, repeats included.

    Source:
        Bojanowski et al. 2017, arXiv 1607.04606, section 3.2; the sizes are ours.

    Examples:
        >>> print(ngrams("Cats"))
        ['<cats>', '<ca', 'cat', 'ats', 'ts>', '<cat', 'cats', 'ats>']
        >>> print(ngrams("猫の顔"))
        ['<猫の顔>', '猫', 'の', '顔', '猫の', 'の顔']
    """
    found: list[str] = []
    for word in text.lower().split():
        dense = any(ord(c) > 0x2E7F for c in word)
        inner = word if dense else f"<{word}>"
        found.append(f"<{word}>")
        for size in (1, 2) if dense else (3, 4):
            found += [inner[i : i + size] for i in range(len(inner) - size + 1)]
    return found


def token(ngram: str, tokens: int) -> int:
    r"""The number of an n-gram: its 32-bit FNV-1a hash, modulo the size of the table.

    Args:
        ngram: hashed as UTF-8.
        tokens: size of the table.

    Returns:
        0 to `tokens - 1`; different n-grams may meet.

    Source:
        Fowler, Noll & Vo, "The FNV Non-Cryptographic Hash Algorithm".

    Examples:
        The published hash of `foobar` is bf9cf968:

        >>> print(f"{token('foobar', 2**32):x}", token("foobar", 4096))
        bf9cf968 2408
    """
    value = 0x811C9DC5
    for byte in ngram.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value % tokens


class Bags(NamedTuple):
    """Tokens of texts that have several parts, one row a text, padded.

    Attributes:
        tokens: int64, shape `(n, longest)`.
        part: the part that each token is of, -1 where the row is padded, same shape.
    """

    tokens: Tensor
    part: Tensor

    def flat(
        self, rows: Tensor, keep: Tensor | None = None, some: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """What `TextEncoder` reads of some rows: tokens one after another, and where each starts.

        Args:
            rows: of the texts wanted, shape `(m,)`.
            keep: which parts to read, bool, shape `(m, parts)`; a row that would lose all its
                tokens keeps them. None reads everything.
            some: which tokens to read, bool, shape `(m, longest)`, with the same exception.
        """
        tokens, part = self.tokens[rows], self.part[rows]
        real = part >= 0
        if keep is not None or some is not None:
            chosen = real if keep is None else real & keep.gather(1, part.clamp(min=0))
            chosen = chosen if some is None else chosen & some
            real = torch.where(chosen.any(1, keepdim=True), chosen, real)
        counts = real.sum(1)
        return tokens[real], counts.cumsum(0) - counts


def bag(texts: Sequence[Sequence[str]], tokens: int) -> Bags:
    r"""Hash texts to bags.

    Args:
        texts: each a list of parts: a name and keywords, say.
        tokens: size of the table.

    Returns:
        `Bags`, one row a text.

    Raises:
        ValueError: a text without a single word.

    Source:
        Ours.

    Examples:
        >>> bags = bag([["cat", "pet"], ["ox"]], 1000)
        >>> print([len(t) for t in bags.flat(torch.tensor([0, 1]))], bags.part[1].tolist()[:5])
        [16, 2] [0, 0, 0, 0, -1]
    """
    rows = [
        [(token(n, tokens), k) for k, part in enumerate(parts) for n in ngrams(part)]
        for parts in texts
    ]
    if not all(rows):
        raise ValueError(f"text {rows.index([])} has no word")
    filled = torch.full((2, len(rows), max(map(len, rows))), -1)
    for i, row in enumerate(rows):
        filled[:, i, : len(row)] = torch.tensor(row).T
    return Bags(filled[0].clamp(min=0), filled[1])
