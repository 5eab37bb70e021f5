"""Data-subject rights request processor: portal, review desk and connectors."""

import gc

__version__ = "0.1.0"

# What is loaded and what a batch holds stays for a while: looking at all of it again and again for
# cycles cost a sixth of the start and a tenth of the work.
gc.set_threshold(50_000, 20, 50)
