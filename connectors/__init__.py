"""Connectors: one module per kind of source, found by entry point, seeing only ``dsr.contract``."""
