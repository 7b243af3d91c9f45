"""Solutions for the page "CLIP, equation by equation"."""

import math

import torch


# --8<-- [start:figure_3]
def figure_3(image, text, W_i, W_t, t):
    """Rows of length one, then a cross-entropy along each axis."""
    u = torch.nn.functional.normalize(image @ W_i, dim=1)
    v = torch.nn.functional.normalize(text @ W_t, dim=1)
    logits = u @ v.T * math.exp(t)
    labels = torch.arange(len(u))
    along_texts = torch.nn.functional.cross_entropy(logits, labels)
    along_images = torch.nn.functional.cross_entropy(logits.T, labels)
    return (along_texts + along_images) / 2


# --8<-- [end:figure_3]


# --8<-- [start:texts_ask]
def texts_ask(logits):
    """A text compares images, so the softmax runs down its column."""
    labels = torch.arange(len(logits))
    return torch.nn.functional.cross_entropy(logits.T, labels)


# --8<-- [end:texts_ask]
