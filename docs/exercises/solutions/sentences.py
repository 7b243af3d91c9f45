"""Solutions of the exercises for the page "Sentences"."""

import torch


# --8<-- [start:ranking_loss]
def ranking_loss(anchors, positives, hard, scale):
    """Hard negatives are further columns of the same rows."""
    unit = torch.nn.functional.normalize
    candidates = unit(torch.cat([positives, hard]), dim=1)
    logits = scale * unit(anchors, dim=1) @ candidates.T
    labels = torch.arange(len(anchors))
    return torch.nn.functional.cross_entropy(logits, labels)


# --8<-- [end:ranking_loss]


# --8<-- [start:overlap]
def overlap(one, two, n=3):
    """Intersection over union of two sets."""
    sets = []
    for name in (one, two):
        text = f" {name} "
        sets.append({text[i : i + n] for i in range(len(text) - n + 1)})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


# --8<-- [end:overlap]
