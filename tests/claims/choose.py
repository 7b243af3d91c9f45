"""Claims about the values of the page practice/choose."""

from tests.claims.kit import Claim, is_, reads

CLAIMS: dict[str, dict[str, Claim]] = {
    "choose": {
        "low": is_(0.1),
        "high": is_(0.2),
        "heard_early": reads("124"),
        "others": is_(255),
        "heard_low": reads("34"),
        "heard_high": reads("128"),
        "classes": is_(10),
        "tau_early": reads("0.069"),
        "tau_late": reads("0.136"),
        "cold": is_(0.05),
        "warm": is_(0.5),
        "false_cold": reads("100%"),
        "false_warm": reads("22%"),
        "false_all": reads("10%"),
    },
}
