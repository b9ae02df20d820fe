"""What Linux can do about a profile: Landlock, seccomp and namespaces (spec/sandbox.md 5)."""
