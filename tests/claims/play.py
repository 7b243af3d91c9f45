"""Claims about the challenges of the interactives."""

import math

from tests.claims.kit import Claim, exp, is_, lse, reads

TAU = 0.2


def weights(*degrees: float) -> list[float]:
    """Softmax weights of keys on a circle, the anchor at 90 degrees."""
    logits = [math.cos(math.radians(a - 90)) / TAU for a in degrees]
    return [exp(x - lse(logits)) for x in logits]


TIE = weights(70, 70, 130, 200, 320)

CLAIMS: dict[str, dict[str, Claim]] = {
    "play_forces": {
        "rest": reads("38.23"),
        "rest_loss": reads("0.185290"),
        "on_weight": is_(weights(70, 90, 130, 200, 320)[1]),
        "tie_push": is_(TIE[1] / TAU),
        "tie_pull": is_((1 - TIE[0]) / TAU),
    },
}
