"""Claims about the values of the page home."""

from tests.claims.kit import Claim, between, is_

CLAIMS: dict[str, dict[str, Claim]] = {
    "digits_few_labels": {
        "pictures": is_(1797),
        "per_class": is_(5),
        "runs": is_(5),
        "trained": between(0.925, 0.95),
        "trained_half": between(0.001, 0.02),
        "raw": between(0.84, 0.852),
        "gain": between(0.08, 0.105),
        "gain_half": between(0.002, 0.025),
        "nn_raw": is_(597 / 599),
        "nn_trained": between(0.98, 0.992),
    },
}
