"""Contrastive learning in small, exact pieces: the InfoNCE family of losses and their anatomy."""

from infonce.caching import CachedEncoder
from infonce.checks import data_checks
from infonce.diagnose import collapse_loss, diagnose, loss_floor
from infonce.geometry import (
    alignment,
    effective_rank,
    modality_gap,
    uniformity,
    uniformity_floor,
    uniformity_reference,
)
from infonce.gradients import clip_grad, info_nce_grad, nt_xent_grad, similarity_grad
from infonce.information import mutual_information, negatives_bias, negatives_moments
from infonce.losses import clip_loss, info_nce, info_nce_from_similarity, nt_xent
from infonce.modules import LogitScale, MoCoQueue
from infonce.retrieval import knn_accuracy, median_rank, recall_at_k, retrieval_ranks
from infonce.temperature import (
    effective_negatives,
    entropy,
    entropy_slope,
    negative_weights,
    softmax_weights,
)

__version__ = "0.1.0"

__all__ = [
    "CachedEncoder",
    "LogitScale",
    "MoCoQueue",
    "alignment",
    "clip_grad",
    "clip_loss",
    "collapse_loss",
    "data_checks",
    "diagnose",
    "effective_negatives",
    "effective_rank",
    "entropy",
    "entropy_slope",
    "info_nce",
    "info_nce_from_similarity",
    "info_nce_grad",
    "knn_accuracy",
    "loss_floor",
    "median_rank",
    "modality_gap",
    "mutual_information",
    "negative_weights",
    "negatives_bias",
    "negatives_moments",
    "nt_xent",
    "nt_xent_grad",
    "recall_at_k",
    "retrieval_ranks",
    "similarity_grad",
    "softmax_weights",
    "uniformity",
    "uniformity_floor",
    "uniformity_reference",
]
