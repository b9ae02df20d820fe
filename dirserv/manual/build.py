"""How setuptools makes the pages and completions a part of the wheel, and packs the sources.

pyproject.toml names the classes. argparse-manpage has a hook of its own, but that puts every page
into man1 and knows no completion.
"""

from __future__ import annotations

import gzip
import os
import sys
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from setuptools.command import build_py as setuptools_build_py
from setuptools.command import sdist as setuptools_sdist


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


class sdist(setuptools_sdist.sdist):  # type: ignore[misc]
    """With SOURCE_DATE_EPOCH the same sources make the same archive, whoever packs them when."""

    def make_archive(self, base_name: str, format: str | None = None, root_dir: str | None = None,
                     base_dir: str | None = None, **owner: Any) -> str:
        """Pack a directory; returns the archive."""
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        if epoch is None or format != "gztar":
            made: str = super().make_archive(base_name, format, root_dir, base_dir, **owner)
            return made

        def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
            entry.mtime, entry.mode = int(epoch), 0o755 if entry.mode & 0o100 else 0o644
            entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, "", ""
            return entry

        archive = f"{base_name}.tar.gz"
        with (gzip.GzipFile(archive, "wb", mtime=int(epoch)) as packed,
              tarfile.open(fileobj=packed, mode="w") as tar):
            tar.add(str(base_dir), filter=plain)
        return archive
