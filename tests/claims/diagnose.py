"""Claims about the values of the page practice/diagnose."""

import math

from tests.claims.kit import Claim, exp, is_, log, reads


def floor(pairs: int, tau: float) -> float:
    return math.log1p(2 * (pairs - 1) * exp(-pairs / ((pairs - 1) * tau)))


def way(loss: float, nothing: float, best: float) -> float:
    return (nothing - loss) / (nothing - best)


MOCO = (log(65537), log(1 + 65536 * exp(-5)))
SUPCON = (log(255) * 0.5 / 0.07, floor(128, 0.5) * 0.5 / 0.07)
SIMCLR = (log(255), floor(128, 0.1))

CLAIMS: dict[str, dict[str, Claim]] = {
    "diagnose_reports": {  # what the threads say, typed a second time, and closed forms
        "moco_loss": is_(6.9),
        "keys": is_(65536),
        "moco_tau": is_(0.2),
        "moco_nothing": is_(MOCO[0]),
        "moco_best": is_(MOCO[1]),
        "moco_way": is_(way(6.9, *MOCO)),
        "supcon_loss": is_(28),
        "supcon_n": is_(128),
        "supcon_tau": is_(0.5),
        "supcon_nothing": is_(SUPCON[0]),
        "supcon_best": is_(SUPCON[1]),
        "supcon_way": is_(way(28, *SUPCON)),
        "simclr_loss": is_(5),
        "simclr_n": is_(128),
        "simclr_tau": is_(0.1),
        "simclr_nothing": is_(SIMCLR[0]),
        "simclr_best": is_(SIMCLR[1]),
        "simclr_way": is_(way(5, *SIMCLR)),
        "clip_loss": is_(4.8),
        "clip_n": is_(128),
        "clip_guess": is_(log(128)),
    },
    "diagnose_batches": {
        "N": is_(256),
        "collapsed": reads("5.544"),
        "shuffled": reads("8.92"),
        "twins": reads("0.706"),
    },
}
