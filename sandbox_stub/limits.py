"""How much a profile may ask for: a text that somebody else wrote must not take the machine down.

The real compiler has other limits (65535 bytes of patterns in a rule, spec/sandbox.md 2.2). Those
are not ours: they would refuse the profiles that Nix writes for large closures.
"""

from __future__ import annotations

#: Bytes of one profile text.
TEXT = 4 << 20
#: What is read, evaluated or built in all: a form is one, and so are 16 characters of a string.
STEPS = 1_000_000
#: Parentheses inside parentheses in a text.
NESTING = 250
#: Evaluations inside evaluations; one takes one to three frames of Python's own 1000.
DEPTH = 400
#: Characters of one string.
STRING = 1 << 16
#: Filters inside filters, and all the conditions of one.
FILTER_DEPTH = 50
FILTER_SIZE = 200_000
#: Files that import one another.
IMPORTS = 20
#: Places in a regular expression, and groups inside groups.
REGEX = 10_000
REGEX_NESTING = 100
