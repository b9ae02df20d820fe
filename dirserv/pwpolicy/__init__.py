"""pwpolicy: password and account policies (spec/dirserv.md 5.5)."""
