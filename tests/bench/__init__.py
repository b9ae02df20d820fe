"""Benchmarks: always against a peer in the same run, always shown as a ratio.

A module here has ``main() -> list[Row]`` (`measure.Row`); ``python -m tests.bench [NAME…]`` runs
all or the named ones. No test asserts a time.
"""
