"""Profiles that real programs write, and the programs that call sandbox-exec with them."""
