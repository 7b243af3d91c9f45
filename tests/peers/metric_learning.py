# ruff: noqa: F821
"""pytorch-metric-learning: wrap NTXentLoss for pairs; SupConLoss takes labels."""

# --8<-- [start:theirs]
from pytorch_metric_learning import losses

loss = losses.NTXentLoss(temperature=0.1)
both_ways = losses.SelfSupervisedLoss(loss)(q, k)
one_way = losses.SelfSupervisedLoss(loss, symmetric=False)(q, k)
classes = losses.SupConLoss(temperature=0.1)(torch.cat([q, k]), labels.repeat(2))
# --8<-- [end:theirs]

LOSSES = {"both ways": both_ways, "one way": one_way, "classes": classes}
DEFAULT = losses.NTXentLoss().temperature
