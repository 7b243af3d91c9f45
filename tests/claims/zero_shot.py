"""Claims about the values of the page zero-shot (its trained ones are with the page clip)."""

import math

from tests.claims.kit import Claim, exp, is_


def degrees(*vectors: tuple[float, float]) -> float:
    """Direction of the mean of vectors as they are."""
    x, y = (sum(v[i] for v in vectors) for i in (0, 1))
    return math.degrees(math.atan2(y, x))


CLAIMS: dict[str, dict[str, Claim]] = {
    "zero_shot": {
        "M": is_(2),
        "two": is_(1 / (1 + exp(-10 * 0.2))),
        "alpha": is_(10),
        "right": is_(22.5),
        "raw": is_(degrees((3, 0), (1, 1))),
        "length": is_(3 / math.sqrt(2)),
    },
    "published_zero_shot": {  # Radford et al. 2021, abstract, typed a second time
        "pairs": is_(400),
        "datasets": is_(30),
        "labelled": is_(1.28),
        "ratio": is_(312.5),
    },
}
