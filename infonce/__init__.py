"""Contrastive learning in small, exact pieces: the InfoNCE family of losses and their anatomy."""

from infonce.checks import data_checks
from infonce.gradients import clip_grad, info_nce_grad, nt_xent_grad, similarity_grad
from infonce.losses import clip_loss, info_nce, info_nce_from_similarity, nt_xent
from infonce.temperature import (
    effective_negatives,
    entropy,
    entropy_slope,
    negative_weights,
    softmax_weights,
)

__version__ = "0.1.0"

__all__ = [
    "clip_grad",
    "clip_loss",
    "data_checks",
    "effective_negatives",
    "entropy",
    "entropy_slope",
    "info_nce",
    "info_nce_from_similarity",
    "info_nce_grad",
    "negative_weights",
    "nt_xent",
    "nt_xent_grad",
    "similarity_grad",
    "softmax_weights",
]
