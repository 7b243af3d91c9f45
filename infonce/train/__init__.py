r"""Training on real data that needs no download: data, views, encoders, loop, evaluation."""

from infonce.train.captions import *
from infonce.train.checkpoint import *
from infonce.train.data import *
from infonce.train.encoders import *
from infonce.train.evaluation import *
from infonce.train.loop import *
from infonce.train.muon import *
from infonce.train.probes import *
from infonce.train.recipes import *
from infonce.train.sweep import *
from infonce.train.tasks import *
from infonce.train.views import *
