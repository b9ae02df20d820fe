"""The subcommands of darling-dirserv, one module each.

A module has ``HELP`` (one line), ``arguments(parser)`` (what it takes beyond ``--json``) and
``run(options) -> int`` (0, or 1 for findings). It raises AdminError, DSError, NoDirectory or
OSError for what stops it. ``EXAMPLES``, if it is there, ends its ``--help``.
"""
