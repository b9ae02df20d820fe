"""A throw-away root directory that looks like macOS to the programs that run in it.

`root.DarwinRoot` makes one, `fixture.darwin_root` hands one to a test, and
`python -m tests.darwin CMD...` lets a human look around in one.
"""
