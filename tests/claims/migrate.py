"""Claims about the values of the page practice/migrate."""

from tests.claims.kit import Claim, between, is_, reads

CLAIMS: dict[str, dict[str, Claim]] = {
    "migrate": {
        "largest": between(0, 1e-13),
        "softmax": reads("0.6027"),
        "forgotten": reads("10.2687"),
        "metric_default": is_(0.07),
        "lightly_default": is_(0.5),
        "info_default": is_(0.1),
        "sentence_default": is_(1 / 20),
        "our_default": is_(0.5),
        "our_info_default": is_(0.1),
    },
}
