"""Commands of a Darling prefix: paths are the prefix's, programs go back through its loader.

There is no Darling here; the loader is a program that shows what it was given. What a real one
does with it was measured (spec/darling.md "Back from ELF to Mach-O").
"""

from __future__ import annotations

import os
import posix
import shutil
from pathlib import Path

import pytest

from sandbox_stub.launcher import installed
from sandbox_stub.view import View
from tests.sandbox.command.harness import FREE, PYTHON, Installation, outcome
from tests.support import CHECKOUT

MACH_O = b"\xcf\xfa\xed\xfe" + bytes(28)


@pytest.fixture
def prefix(tmp_path: Path) -> Installation:
    """An installation whose programs run through a loader; Python does all the work."""
    made = Installation(tmp_path, "python")
    loader = tmp_path / "mldr"
    loader.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@" "$__mldr_sockpath"\n')
    loader.chmod(0o755)
    text = installed((CHECKOUT / "bin/sandbox-exec").read_text(), root=str(made.root),
                     host=str(made.root), mldr=str(loader), library=str(CHECKOUT), python=PYTHON)
    made.command.write_text(text)
    made.configure(FREE)
    (made.root / "bin").mkdir()
    return made


def put(prefix: Installation, path: str, content: bytes) -> Path:
    file = prefix.root / path
    file.write_bytes(content)
    file.chmod(0o755)
    return file


def ran(prefix: Installation, *words: str) -> list[str]:
    status, out, err = outcome(prefix.run("-p", "x", *words, env={"PATH": "/bin"}))
    assert (status, err) == (0, "")
    return out.splitlines()


@pytest.mark.parametrize("word", ["/bin/tool", "tool"])
def test_mach_o(prefix: Installation, word: str) -> None:
    put(prefix, "bin/tool", MACH_O)
    loader = str(prefix.root.parent / "mldr")
    assert ran(prefix, word, "a", "b c") == [
        loader, word, "a", "b c", f"{prefix.root}/.darlingserver.sock"]


def test_a_script_goes_through_its_interpreter(prefix: Installation) -> None:
    put(prefix, "bin/interpreter", MACH_O)
    put(prefix, "bin/script", b"#! /bin/interpreter -x y\nbody\n")
    assert ran(prefix, "script", "a")[1:-1] == [
        "/bin/interpreter", "-x y", "/bin/script", "a"]


def test_a_text_goes_through_the_shell(prefix: Installation) -> None:
    put(prefix, "bin/sh", MACH_O)
    put(prefix, "bin/text", b"echo hi\n")
    assert ran(prefix, "/bin/text", "a")[1:-1] == ["sh", "/bin/text", "a"]


def test_an_elf_program_is_executed_as_it_is(prefix: Installation) -> None:
    shutil.copy(os.path.realpath("/bin/echo"), prefix.root / "bin/echo")
    assert ran(prefix, "echo", "a") == ["a"]


def test_interpreters_without_end(prefix: Installation) -> None:
    put(prefix, "bin/loop", b"#!/bin/loop\n")
    assert outcome(prefix.run("-p", "x", "/bin/loop")) == (
        71, "", "sandbox-exec: execvp() of '/bin/loop' failed: "
                "Too many levels of symbolic links\n")


def test_the_profile_is_a_file_of_the_prefix(prefix: Installation) -> None:
    put(prefix, "bin/tool", MACH_O)
    assert outcome(prefix.run("-f", "/own.sb", "/bin/tool")) == (
        65, "", "sandbox-exec: /own.sb: No such file or directory\n")
    put(prefix, "own.sb", b"")
    assert prefix.run("-f", "/own.sb", "/bin/tool").returncode == 0
    prefix.configure("mode = check\nstrict = yes\n")
    put(prefix, "own.sb", b"(version 1)(nonsense)")
    status, _, err = outcome(prefix.run("-f", "/own.sb", "/bin/tool"))
    assert (status, err.splitlines()[0]) == (
        65, "sandbox-exec: unbound variable: nonsense at /own.sb, line 1, column 13")


def test_what_the_loader_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its argv[0] names the file for it, and its server's socket is in the environment."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tool").write_bytes(MACH_O)

    def execve(*given: object) -> None:
        raise SystemExit(given)

    monkeypatch.setattr(posix, "execve", execve)
    with pytest.raises(SystemExit) as seen:
        View(str(tmp_path), "/opt/mldr").start("/bin/tool", [b"tool", b"a"], {b"HOME": b"/x"})
    host = os.fsencode(tmp_path)
    assert seen.value.code == ("/opt/mldr", [b"mldr!" + host + b"/bin/tool", b"tool", b"a"], {
        b"HOME": b"/x", b"__mldr_sockpath": host + b"/.darlingserver.sock"})


def test_paths_of_the_host_are_kept() -> None:
    view = View("/home/me/.darling/", "/opt/mldr")
    assert view.host("/bin/sh") == "/home/me/.darling/bin/sh"
    assert view.host("/home/me/.darling/bin/sh") == "/home/me/.darling/bin/sh"
    assert view.host("bin/sh") == "bin/sh"
    assert View("/ignored").host("/bin/sh") == "/bin/sh"


def test_a_text_without_the_lines_is_no_launcher() -> None:
    with pytest.raises(ValueError, match="sx_root=, sx_host=, sx_mldr="):
        installed("#!/bin/sh\n", root="", host="", mldr="", library="", python="")


def test_quoting_of_the_lines() -> None:
    text = (CHECKOUT / "bin/sandbox-exec").read_text()
    made = installed(text, root="it's", host="$x", mldr="", library="a b", python="`p`")
    assert "sx_root='it'\\''s'\nsx_host='$x'\nsx_mldr=''\nsx_library='a b'\nsx_python='`p`'" in made
