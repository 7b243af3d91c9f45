"""What is claimed about every value that a page shows.

A value with a closed form is compared with it, computed here with `math` alone. An input is typed
a second time. A value that only a run can give is pinned as it is shown, or, where a processor may
round differently, by the range that its own spread allows.

One module a page; each lists its claims as CLAIMS, snippet -> key -> claim.
"""

import importlib
import pkgutil

from tests.claims.kit import Claim

CLAIMS: dict[str, dict[str, Claim]] = {}
for module in pkgutil.iter_modules(__path__, f"{__name__}."):
    if not module.name.endswith(".kit"):
        found = importlib.import_module(module.name).CLAIMS
        assert not CLAIMS.keys() & found.keys(), f"{module.name} repeats a snippet"
        CLAIMS |= found
