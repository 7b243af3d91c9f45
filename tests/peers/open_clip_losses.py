# ruff: noqa: F821
"""open_clip: both losses want rows that are normalised already."""

# --8<-- [start:theirs]
from open_clip.loss import ClipLoss, SigLipLoss
from torch.nn.functional import normalize

scale, bias = torch.tensor(10.0), torch.tensor(-10.0)
softmax = ClipLoss()(normalize(q), normalize(k), scale)
sigmoid = SigLipLoss()(normalize(q), normalize(k), scale, bias)
forgotten = ClipLoss()(q, k, scale)  # rows as they are
# --8<-- [end:theirs]

LOSSES = {"softmax": softmax, "sigmoid": sigmoid, "forgotten": forgotten}
DEFAULT = None  # the scale is an argument
