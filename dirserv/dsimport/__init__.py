"""dsimport: records from a delimited text file (spec/dirserv.md 5.7)."""
