"""Claims about the values of the page connections."""

import math

from tests.claims.kit import Claim, exp, is_, log, reads

CLAIMS: dict[str, dict[str, Claim]] = {
    "attention": {
        "tau": is_(0.2),
        "difference": is_(0),
        "width": is_(64),
        "as_temperature": is_(8),
        "p_pos": reads("0.953"),
        "even": is_(1),
    },
    "sgns": {
        "nu": is_(2),
        "together": is_(log(8 * 20 / (10 * 10) / 2)),
        "apart": is_(log(2 * 20 / (10 * 10) / 2)),
        "pmi_together": is_(log(1.6)),
        "pmi_apart": is_(log(0.4)),
        "by_context": is_(0),
        "none": is_(0),
    },
    "triplet_hinge": {
        "tau": is_(0.1),
        "margin": is_(0.2),
        "above": is_(0.2 * log(2)),
        "away": is_(0.2, rel=1e-3),
        "left": is_(0.2 * math.log1p(exp(-5))),
    },
    "retrieval_bound": {
        "N": is_(64),
        "loss": reads("0.478"),
        "limit": reads("68.9%"),
        "wrong": is_(7 / 64),
        "allowed": reads("1.61"),
        "typical": reads("1.13"),
        "violations": is_(0),
        "hot": is_(5),
        "loss_hot": reads("3.99"),
        "tied": is_(log(64)),
    },
}
