# ruff: noqa: F821
"""sentence-transformers: losses take a model; here they get its embeddings directly."""

# --8<-- [start:theirs]
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

ranking = MultipleNegativesRankingLoss(None, scale=10.0)
pairs = ranking.compute_loss_from_embeddings([q, k], None)
triplets = ranking.compute_loss_from_embeddings([q, k, hard[: len(q)]], None)

both = MultipleNegativesRankingLoss(
    None,
    scale=10.0,
    directions=("query_to_doc", "doc_to_query"),
    partition_mode="per_direction",
)
symmetric = both.compute_loss_from_embeddings([q, k], None)
# --8<-- [end:theirs]

LOSSES = {"pairs": pairs, "triplets": triplets, "symmetric": symmetric}
DEFAULT = 1 / MultipleNegativesRankingLoss(None).scale
