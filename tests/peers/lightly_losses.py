# ruff: noqa: F821
"""lightly: NTXentLoss, with a memory bank if it is given a size."""

# --8<-- [start:theirs]
from lightly.loss.ntx_ent_loss import NTXentLoss

views = NTXentLoss(temperature=0.1)(q, k)

bank = NTXentLoss(temperature=0.1, memory_bank_size=hard.shape).double()
bank(hard.clone().requires_grad_(), hard)  # puts the rows of `hard` into the bank
queued = bank(q, k)
# --8<-- [end:theirs]

LOSSES = {"views": views, "queued": queued}
DEFAULT = NTXentLoss().temperature
