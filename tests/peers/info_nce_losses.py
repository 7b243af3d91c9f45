# ruff: noqa: F821
"""info-nce-pytorch: one function and one class of the same meaning."""

# --8<-- [start:theirs]
from info_nce import InfoNCE, info_nce

in_batch = info_nce(q, k, temperature=0.1)
shared = info_nce(q, k, hard, temperature=0.1, negative_mode="unpaired")
for_each = hard.repeat(len(q), 1, 1)  # (8, 12, 16)
own = info_nce(q, k, for_each, temperature=0.1, negative_mode="paired")
# --8<-- [end:theirs]

LOSSES = {"in batch": in_batch, "shared": shared, "own": own}
DEFAULT = InfoNCE().temperature
