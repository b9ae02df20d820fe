"""The README's commands on a machine that has never seen the project."""
