"""sysadminctl: accounts and a few settings of the system (spec/dirserv.md 4)."""
