"""How setuptools makes the pages and completions a part of the wheel.

pyproject.toml names the class. argparse-manpage has a hook of its own, but that puts every page
into man1 and knows no completion.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from setuptools.command import build_py as setuptools_build_py


class build_py(setuptools_build_py.build_py):  # type: ignore[misc]
    """Builds the packages, then what is generated from them."""

    def run(self) -> None:
        """Do it; an editable installation has no use for pages."""
        super().run()
        if self.editable_mode:
            return
        # The front ends of PEP 517 do not put the source on the path.
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        from dirserv.manual.files import write

        share = Path(self.get_finalized_command("build").build_base, "share")
        data: dict[str, list[str]] = defaultdict(list)
        for file in write(share):
            data[str(file.parent.relative_to(share.parent))].append(str(file))
        self.distribution.data_files = [*(self.distribution.data_files or ()),
                                        *sorted(data.items())]
