"""The fillers as processes over a small planted tree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import CHECKOUT

CODE = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); " \
       "from dirserv.fillers.command import main; main(sys.argv.pop(1))"

PASSWD = """\
##
root:*:0:0:System Administrator:/var/root:/bin/sh
me:*:501:20:Darling User:/Users/me:/bin/bash
nologin:*:350:350::/var/empty:
"""
GROUP = "wheel:*:0:root,me\nstaff:*:20:root\n"

#: (standard output, standard error, exit status)
Result = tuple[str, str, int]


def plant(root: Path) -> Path:
    """A tree with accounts and the version file of a Darling prefix."""
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text(PASSWD)
    (root / "etc/group").write_text(GROUP)
    services = root / "System/Library/CoreServices"
    services.mkdir(parents=True)
    for name, product, version in (("SystemVersion", "macOS", "11.7.4"),
                                   ("SystemVersionCompat", "Mac OS X", "10.16")):
        (services / f"{name}.plist").write_text(f"""<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
\t<key>ProductBuildVersion</key>
\t<string>Darling</string>
\t<key>ProductName</key>
\t<string>{product}</string>
\t<key>ProductVersion</key>
\t<string>{version}</string>
</dict>
</plist>
""")
    return root


def filler(root: Path, name: str, *words: str, stdin: str | bytes = "",
           env: dict[str, str] | None = None) -> Result:
    """Run a filler that is written in Python; bytes come back as UTF-8 with surrogateescape.

    Not under -S as an installed one: elementpath is in the site directory of the tests' Python.
    """
    given = stdin.encode() if isinstance(stdin, str) else stdin
    result = subprocess.run(
        [sys.executable, "-I", "-c", CODE, name, *words], input=given, capture_output=True,
        env={"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(root), **(env or {})}, check=False,
        timeout=60, cwd=root)
    return (result.stdout.decode("utf-8", "surrogateescape"),
            result.stderr.decode("utf-8", "surrogateescape"), result.returncode)


def script(tree: Path, source: str, shell: str, *words: str, original: str = "",
           version: str = "", root: Path | None = None,
           env: dict[str, str] | None = None) -> Result:
    """Run one of our sh files by ``shell`` as an installation would have filled it in."""
    text = (CHECKOUT / "dirserv/fillers" / source).read_text()
    for mark, value in (("@ROOT@", str(root or tree)), ("@ORIGINAL@", original),
                        ("@SYSTEM_VERSION@", version)):
        text = text.replace(mark, value)
    file = tree / source
    file.write_text(text)
    result = subprocess.run(
        [shell, str(file), *words], capture_output=True, text=True, errors="surrogateescape",
        check=False, timeout=60, stdin=subprocess.DEVNULL, cwd=tree,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), **(env or {})})
    return result.stdout, result.stderr, result.returncode
