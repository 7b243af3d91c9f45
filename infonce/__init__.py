"""Contrastive learning in small, exact pieces: the InfoNCE family of losses and their anatomy."""

from infonce.caching import *
from infonce.checks import *
from infonce.diagnose import *
from infonce.geometry import *
from infonce.gradients import *
from infonce.information import *
from infonce.losses import *
from infonce.modules import *
from infonce.retrieval import *
from infonce.temperature import *

__version__ = "0.1.0"
