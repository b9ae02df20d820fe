"""What macOS has, a prefix lacks, and an unmodified client trips over: one module or sh file each.

`table.FILLERS` says what there is and when it is to be laid; `dirserv.prefix` lays it.
"""
