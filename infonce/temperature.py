"""What the temperature does: how the push is shared out among the negatives."""

import torch
from torch import Tensor

from infonce import checks

__all__ = [
    "effective_negatives", "entropy", "entropy_slope", "negative_weights", "softmax_weights",
]  # fmt: skip


def softmax_weights(similarity: Tensor, *, temperature: float | Tensor) -> Tensor:
    r"""Softmax weights over the candidates in the last dimension.

    $$p_k = \frac{e^{s_k/\tau}}{\sum_l e^{s_l/\tau}}$$

    Of all candidates, the positive among them, these are the weights $p$; of the negatives
    alone they are $w$.

    Args:
        similarity: $s$, shape `(..., C)`.
        temperature: $\tau > 0$ in the unit of `similarity`.

    Returns:
        Weights without unit that sum to 1, shape `(..., C)`.

    Raises:
        TypeError: similarities that are not floating point.
        ValueError: an empty or non-finite tensor, or a bad temperature.

    Source:
        The softmax of van den Oord, Li and Vinyals 2018, arXiv 1807.03748, Eq. 4.

    Examples:
        A difference of 0.1 at temperature 0.1 is a ratio of $e$:

        >>> p = softmax_weights(torch.tensor([0.6, 0.5]), temperature=0.1)
        >>> print(f"{p[0] / p[1]:.4f}")
        2.7183
    """
    similarity = checks.similarities(similarity)
    temperature = checks.positive_number("temperature", temperature)
    return (similarity / temperature).softmax(-1)


def negative_weights(
    similarity: Tensor, positives: Tensor | None = None, *, temperature: float | Tensor
) -> Tensor:
    r"""Softmax weights over the negatives only: the share of the push that each one gets.

    $$w_k = \frac{e^{s_k/\tau}}{\sum_{l \le M} e^{s_l/\tau}}
      = \frac{|\partial\ell/\partial s_k|}{|\partial\ell/\partial s_+|}$$

    Args:
        similarity: $s$ of the negatives alone, shape `(..., M)`; or, with `positives`, of all
            candidates, shape `(N, C)` with $C \ge 2$.
        positives: integer column of each row's positive, shape `(N,)`. It gets weight 0.
        temperature: $\tau > 0$ in the unit of `similarity`.

    Returns:
        Weights without unit that sum to 1, of the shape of `similarity`.

    Raises:
        TypeError: similarities that are not floating point, positives that are not integer.
        ValueError: a shape, device, value, column or temperature that has no weights.

    Source:
        The relative penalty of Wang and Liu 2021, arXiv 2012.09740.

    Examples:
        Two negatives 0.1 apart at temperature 0.1 share $1 : e$, and the positive in column
        0 changes nothing:

        >>> s = torch.tensor([[0.9, 0.5, 0.6]])
        >>> w = negative_weights(s[:, 1:], temperature=0.1)
        >>> print([f"{x:.4f}" for x in w[0].tolist()])
        ['0.2689', '0.7311']
        >>> w = negative_weights(s, torch.tensor([0]), temperature=0.1)
        >>> print([f"{x:.4f}" for x in w[0].tolist()])
        ['0.0000', '0.2689', '0.7311']
    """
    if positives is None:
        return softmax_weights(similarity, temperature=temperature)
    similarity = checks.similarities(similarity, ndim=2)
    column = checks.columns(positives, similarity)
    temperature = checks.positive_number("temperature", temperature)
    if similarity.shape[1] < 2:
        raise ValueError(f"similarity must have C >= 2 columns, got {tuple(similarity.shape)}")
    return (similarity / temperature).scatter(1, column, -torch.inf).softmax(-1)


def entropy(weights: Tensor) -> Tensor:
    r"""Entropy of weights in the last dimension, $H = -\sum_k w_k \log w_k$.

    Args:
        weights: non-negative, sum 1, shape `(..., M)`; zeros add nothing.

    Returns:
        Entropy in nats, shape `(...)`, from 0 (one weight is 1) to $\log M$ (all equal).

    Raises:
        TypeError: weights that are not floating point.
        ValueError: weights below 0 or whose sum is not 1 (to a hundredth, for half precision).

    Source:
        Shannon 1948, with the natural logarithm.

    Examples:
        >>> print(f"{entropy(torch.tensor([0.5, 0.25, 0.25])):.4f}")  # 1.5 log 2
        1.0397
    """
    weights = checks.shares("weights", weights)
    return -(weights * weights.where(weights > 0, 1.0).log()).sum(-1)


def effective_negatives(weights: Tensor) -> Tensor:
    r"""Effective number of negatives, $n_\mathrm{eff} = e^{H(w)}$.

    Args:
        weights: softmax weights $w$ of the negatives, shape `(..., M)`.

    Returns:
        A count, shape `(...)`: from the number of hardest negatives ($\tau \to 0$) to $M$
        ($\tau \to \infty$).

    Raises:
        TypeError: weights that are not floating point.
        ValueError: weights below 0 or whose sum is not 1 (to a hundredth, for half precision).

    Source:
        The perplexity of the weights of Wang and Liu 2021, arXiv 2012.09740.

    Examples:
        Ten equal similarities count ten times, at any temperature; one harder by far counts
        once:

        >>> s = torch.zeros(10)
        >>> print(f"{effective_negatives(softmax_weights(s, temperature=0.1)):.4f}")
        10.0000
        >>> s[0] = 1.0
        >>> print(f"{effective_negatives(softmax_weights(s, temperature=0.1)):.4f}")
        1.0045
    """
    return entropy(weights).exp()


def entropy_slope(similarity: Tensor, *, temperature: float | Tensor) -> Tensor:
    r"""How fast the entropy of the weights rises with the temperature.

    $$\frac{dH}{d\tau} = \frac{\mathrm{Var}_w(s)}{\tau^3} \ge 0, \qquad
      \mathrm{Var}_w(s) = \sum_k w_k \Bigl(s_k - \sum_l w_l s_l\Bigr)^2$$

    Args:
        similarity: similarities of the negatives alone, shape `(..., M)`.
        temperature: $\tau > 0$ in the unit of `similarity`.

    Returns:
        Nats per unit of temperature, shape `(...)`.

    Raises:
        TypeError: similarities that are not floating point.
        ValueError: an empty or non-finite tensor, or a bad temperature.

    Source:
        The derivative of the entropy of a Boltzmann distribution (heat capacity over $\tau$).

    Examples:
        Two negatives at 0 and $2\tau$ have weights $\sigma(\pm 2)$, so that the slope is
        $4\sigma(2)\sigma(-2)/\tau$:

        >>> print(f"{entropy_slope(torch.tensor([0.0, 0.2]), temperature=0.1):.4f}")
        4.1997
    """
    w = softmax_weights(similarity, temperature=temperature)
    temperature = checks.positive_number("temperature", temperature)
    apart = similarity - (w * similarity).sum(-1, keepdim=True)
    # the square of a masked entry, -1e30, does not fit float32
    return (w * apart.masked_fill(w == 0, 0.0).square()).sum(-1) / temperature**3
