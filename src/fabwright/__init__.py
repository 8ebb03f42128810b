"""Fabwright: one open, self-hosted production backend for digital factories."""

__version__ = "0.1.0"
