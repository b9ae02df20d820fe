"""The Darwin-like root for builds."""

from tests.darwin.fixture import darwin_root, root_possible

__all__ = ["darwin_root", "root_possible"]
