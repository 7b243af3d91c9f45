"""Claims about the values of the page sentences."""

from tests.claims.kit import Claim, between, exp, is_, log

CLAIMS: dict[str, dict[str, Claim]] = {
    "mnrl": {
        "alpha": is_(20),
        "tau": is_(0.05),
        "other_way": is_((log(1 + exp(-16)) + log(1 + exp(-8))) / 2, rel=1e-9),
        "equal": is_(log(2)),
        "without": between(0, 1e-12),
    },
    "published_simcse": {  # Gao, Yao and Chen 2021, abstract, typed a second time
        "unsupervised": is_(76.3),
        "supervised": is_(81.6),
    },
    "names_clip": {
        "steps": is_(200),
        "held": is_(239),
        "chance": is_(10 / 239),
        # three runs; other processors round differently
        "german": between(0.64, 0.79),
        "german_half": between(0, 0.12),
        "russian_share": between(0.42, 0.60),
        "russian_half": between(0, 0.12),
        "japanese_share": between(0.42, 0.60),
        "japanese_half": between(0, 0.12),
        "german_letters": between(0.485, 0.495),
        "russian_letters": between(0.08, 0.10),
        "japanese_letters": between(0.09, 0.10),
    },
}
