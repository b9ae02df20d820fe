"""Property tests: after any sequence of commands everybody who is asked gives the same answer.

`model` and its neighbours say what the documented rules make of a command, without a database;
`commands` draws random command lines; `stages` runs them as real processes, in a Darwin-like root
or in a plain directory; `test_model` compares.
"""
