"""Claims about the values of the page modality-gap."""

from tests.claims.clip import clip_both
from tests.claims.kit import Claim, between, is_

CLAIMS: dict[str, dict[str, Claim]] = {
    "modality_gap": {
        "tau": is_(0.2),
        "gap": is_(0.6),
        "narrow": is_(0.128),
        "factor": is_(0.64),
        "closed": is_(clip_both(5)),
        "same_tau": is_(clip_both(5 * 0.64)),
        "loss": is_(clip_both(5)),
        "distance": is_(1.2),
        "highest": is_(0.64 * 0.8 - 0.36),
        "wide": is_(0.9),
        "pretends": is_(0.01 / 0.19),
    },
    "modality_gap_trained": {
        "count": is_(3),
        "cold": is_(100),
        "warm": is_(2),
        # three runs; other processors round differently
        "before": between(1.2, 1.4),
        "after_learned": between(0.33, 0.45),
        "after_cold": between(0.62, 0.8),
        "after_warm": between(0.18, 0.28),
        "change_learned": between(-0.3, -0.05),
        "change_cold": between(0.15, 0.6),
    },
}
