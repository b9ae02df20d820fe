"""Argument parsers that describe the commands, and what is made of them: man pages, completion.

The commands read Apple's grammars with parsers of their own; an ArgumentParser fits those only
well enough to describe them. Nothing here is imported by a command, nor installed: it is used when
the package is built. `tests/unit/manual` holds every description against the real grammar.
"""
