"""Claims about the values of the page audio."""

from tests.claims.kit import Claim, between, is_, reads

CLAIMS: dict[str, dict[str, Claim]] = {
    "sounds_clip": {
        "combinations": is_(45),
        "held": is_(9),
        "count": is_(3),
        "chance": is_(1 / 45),
        # three runs; other processors round differently
        "known_share": between(0.92, 1.0),
        "new_share": between(0.38, 0.68),
        "new_half": between(0, 0.3),
        "block_share": between(0.1, 0.6),
        "block_half": between(0, 0.7),
        "between_share": between(0.9, 1.0),
    },
    "hub": {
        "alpha": is_(10),
        "between": reads("0.382"),
        "product": reads("0.418"),
        "half": reads("7.6e-04"),
        "sixty": is_(0.5),
        "worst": is_(-0.5),
    },
    "published_audio": {  # Elizalde et al. 2022, abstract, typed a second time
        "pairs": is_(128),
        "tasks": is_(16),
    },
}
