"""The fixtures under test, for the tests beside them."""

from tests.darwin.fixture import darwin_root, root_possible

__all__ = ["darwin_root", "root_possible"]
