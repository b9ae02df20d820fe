"""dscl: the general command line of the directory (spec/dirserv.md 2)."""
