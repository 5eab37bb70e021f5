"""Data-subject rights request processor: portal, review desk and connectors."""

__version__ = "0.1.0"
