"""Tests with the real programs of other projects that call our commands."""
