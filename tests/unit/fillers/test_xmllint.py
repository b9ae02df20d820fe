"""xmllint: whole outputs, as libxml2's own xmllint 2.9.14 gave them, and side by side with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients import archive
from tests.support import CHECKOUT
from tests.unit.fillers.support import Result, filler

PLIST = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" \
"http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<key>GlobalPermissionsEnabled</key>
\t<true/>
\t<key>A</key><string a="1&quot;" b='"&#10;'>x &amp; "y" &lt; é</string><!-- c --><?pi d?>
\t<array/>
\t<array></array>
</dict>
</plist>
"""
NAMES = """\
<r xmlns="urn:a" xmlns:b="urn:b"><b:x b:y="1" z="&lt;">é</b:x><p> <q/> </p><s> </s></r>
"""
MIXED = "<!-- before --><?go on?><a>text <b/> more<c>\n<d/>\n</c></a><!-- after -->"
OWNERS = "(/plist/dict/key[text()='GlobalPermissionsEnabled'])/following-sibling::*[1]"

EMPTY = "XPath set is empty\n"
FAILED = "XPath evaluation failure\n"

#: Expression -> what comes of it in PLIST; the first ones are the installers'
#: (spec/installers.md 1.1, and the comments of its create-darwin-volume.sh).
EXPRESSIONS: dict[str, Result] = {
    OWNERS: ("<true/>\n", "", 0),
    f"{OWNERS}[name()='true']": ("<true/>\n", "", 0),
    "/plist/dict/key[text()='ParentWholeDisk']/following-sibling::string[1]/text()":
        ("", EMPTY, 10),
    "/plist/dict/key[text()='A']/following-sibling::string[1]/text()":
        ('x &amp; "y" &lt; é\n', "", 0),
    "name(/plist/dict/key[text()='GlobalPermissionsEnabled']/following-sibling::*[1])":
        ("true\n", "", 0),
    "//nope": ("", EMPTY, 10),
    "count(//key)": ("2\n", "", 0),
    "1 div 0": ("Infinity\n", "", 0),
    "-1 div 0": ("-Infinity\n", "", 0),
    "1 div 3": ("0.333333\n", "", 0),
    "123456789": ("1.23457e+08\n", "", 0),
    "number('x')": ("NaN\n", "", 0),
    "1=1": ("true\n", "", 0),
    "//key = 'B'": ("false\n", "", 0),
    "'a'": ("a\n", "", 0),
    "''": ("\n", "", 0),
    "//key/text()": ("GlobalPermissionsEnabled\nA\n", "", 0),
    "//@*": (' version="1.0"\n a="1&quot;"\n b="&quot;&#10;"\n', "", 0),
    "//comment()|//processing-instruction()": ("<!-- c -->\n<?pi d?>\n", "", 0),
    "//array": ("<array/>\n<array/>\n", "", 0),
    "(//key)[2]/text()": ("A\n", "", 0),
    "id('x')/a": ("", EMPTY, 10),
    "//key[": ("", f"XPath error : Invalid expression\n{FAILED}", 10),
    "": ("", f"XPath error : Invalid expression\n{FAILED}", 10),
    "foo()": ("", "xmlXPathCompOpEval: function foo not found\n"
                  f"XPath error : Unregistered function\n{FAILED}", 10),
    "$v": ("", f"XPath error : Undefined variable\n{FAILED}", 10),
    "//b:x": ("", f"XPath error : Undefined namespace prefix\n{FAILED}", 10),
}

#: More expressions, which are only compared.
COMPARED = ["/", ".", "..", "/plist", "//string", "//dict/node()", "string(//string)", "sum(//x)",
            "//key[1]/following::*", "//*[last()]", "string-length(//string)", "//key=1",
            "concat('a', 1.0)", "substring('abcde', 2, 3)", "not(//nope)", "1.50", "//a//",
            "//*[local-name()='q']", "normalize-space(' a  b ')", "translate('abc', 'a', 'x')",
            "//q/ancestor::*", "count(//@*)", "boolean(0)", "2 mod 2", "1e3", "100000", "1000000"]

FAULTS = {
    "empty": "", "text": "hello\n", "unclosed": "<a>\n<b>\n",
    "second": "<a/><b/>\n", "entity": "<a>&foo;</a>\n",
}

needs_elementpath = pytest.mark.skipif(
    not any((Path(place) / "elementpath").is_dir() for place in sys.path),
    reason="xmllint --xpath needs elementpath: pip install elementpath")


def planted(tree: Path) -> None:
    for name, content in (("a.plist", PLIST), ("n.xml", NAMES), ("m.xml", MIXED),
                          *((f"{name}.xml", content) for name, content in FAULTS.items())):
        (tree / name).write_text(content)


@needs_elementpath
@pytest.mark.parametrize(("expression", "result"), EXPRESSIONS.items())
def test_xpath(tree: Path, expression: str, result: Result) -> None:
    assert filler(tree, "xmllint", "--xpath", expression, "-", stdin=PLIST) == result


@needs_elementpath
def test_xpath_over_several_files(tree: Path) -> None:
    planted(tree)
    assert filler(tree, "xmllint", "--xpath", "//array", "/a.plist", "n.xml") == (
        "<array/>\n<array/>\n", EMPTY, 10)


def test_xpath_without_its_library_says_what_to_install(tree: Path) -> None:
    (tree / "a.plist").write_text(PLIST)
    result = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKOUT / "bin/xmllint"), "--xpath", "//a", "/a.plist"],
        capture_output=True, text=True, check=False, env={"DIRSERV_ROOT": str(tree)})
    assert (result.stdout, result.returncode) == ("", 10)
    assert result.stderr == ("xmllint: --xpath needs the Python package elementpath: install it "
                             "for the Python that runs this\n")


def test_the_document_comes_out_as_it_was(tree: Path) -> None:
    again = PLIST.replace("b='\"&#10;'", 'b="&quot;&#10;"').replace("<array></array>", "<array/>")
    assert filler(tree, "xmllint", "-", stdin=PLIST) == (again, "", 0)
    assert filler(tree, "xmllint", "--noout", "-", stdin=PLIST) == ("", "", 0)
    assert filler(tree, "xmllint", "-noout", "-nonet", "-", stdin=PLIST) == ("", "", 0)


def test_format(tree: Path) -> None:
    assert filler(tree, "xmllint", "--format", "-", stdin=NAMES) == ("""\
<?xml version="1.0"?>
<r xmlns="urn:a" xmlns:b="urn:b">
  <b:x b:y="1" z="&lt;">&#xE9;</b:x>
  <p>
    <q/>
  </p>
  <s> </s>
</r>
""", "", 0)
    out = filler(tree, "xmllint", "--format", "--dropdtd", "-", stdin=PLIST)
    assert out[0].splitlines()[:4] == ['<?xml version="1.0" encoding="UTF-8"?>',
                                       '<plist version="1.0">', "  <dict>",
                                       "    <key>GlobalPermissionsEnabled</key>"]


def test_output_goes_to_a_file_in_an_encoding(tree: Path) -> None:
    (tree / "n.xml").write_text(NAMES)
    assert filler(tree, "xmllint", "--encode", "ISO-8859-1", "-o", "/o.xml", "/n.xml") == (
        "", "", 0)
    content = (tree / "o.xml").read_bytes()
    assert content.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n')
    assert b">\xe9<" in content
    assert filler(tree, "xmllint", "--encode", "nope", "/n.xml") == (
        "", "output error : unknown encoding nope\n", 6)
    assert filler(tree, "xmllint", "-o", "/no/where", "/n.xml") == (
        "", "/no/where: cannot be written: No such file or directory\n", 6)


@pytest.mark.parametrize(("text", "said"), [
    ("", "1: parser error : Document is empty\n\n^\n"),
    ("hello\n", "1: parser error : Start tag expected, '<' not found\nhello\n^\n"),
    ("<a>\n<b>\n", "3: parser error : Premature end of data in tag b line 2\n\n^\n"),
    ("<a/><b/>\n", "1: parser error : Extra content at the end of the document\n"
                   "<a/><b/>\n    ^\n"),
    ("<a>&foo;</a>\n", "1: parser error : Entity 'foo' not defined\n<a>&foo;</a>\n        ^\n"),
    ("<a><b></a>\n", "1: parser error : Opening and ending tag mismatch: b line 1 and a\n"
                     "<a><b></a>\n          ^\n"),
])
def test_parse_errors(tree: Path, text: str, said: str) -> None:
    for words in (["-"], ["--noout", "-"], ["--xpath", "//a", "-"]):
        assert filler(tree, "xmllint", *words, stdin=text) == ("", f"-:{said}", 1)


def test_files_that_cannot_be_read_and_the_others(tree: Path) -> None:
    (tree / "n.xml").write_text("<a/>")
    assert filler(tree, "xmllint", "nofile", "/n.xml") == (
        '<?xml version="1.0"?>\n<a/>\n',
        'warning: failed to load external entity "nofile"\n', 1)


def test_usage_and_version(tree: Path) -> None:
    usage = "Usage : xmllint [options] XMLfiles ...\n"
    for words in ([], ["--xpath"], ["--xpath", "//a"]):
        out, err, status = filler(tree, "xmllint", *words)
        assert (out, err[:len(usage)], status) == ("", usage, 1)
    out, err, status = filler(tree, "xmllint", "--bogus", "x")
    assert (out, status) == ("", 1) and err.startswith(f"Unknown option --bogus\n{usage}")
    out, err, status = filler(tree, "xmllint", "--version")
    assert (out, status) == ("", 0) and err.startswith("xmllint: using expat version ")


@needs_elementpath
@pytest.mark.parametrize("depth", [200, 5000])
def test_depth_is_never_a_traceback(tree: Path, depth: int) -> None:
    text = "<a>" * depth + "</a>" * depth
    for words in ([], ["--format"], ["--noblanks"], ["--noout"], ["--xpath", "count(//a)"]):
        _, err, status = filler(tree, "xmllint", *words, "-", stdin=text)
        assert "Traceback" not in err and "internal error" not in err
        assert status == 0 or depth > 1000


# -- side by side with Debian's -----------------------------------------------------------------

@pytest.fixture(scope="session")
def peer() -> dict[str, str]:
    """The environment in which ``xmllint`` is Debian's libxml2-utils, of the known version."""
    environment = _installed_peer()
    version = subprocess.run(["xmllint", "--version"], env=environment, capture_output=True,
                             text=True, check=True).stderr
    if "20914" not in version:
        pytest.skip(f"this Debian has another xmllint than 2.9.14: {version.splitlines()[0]}")
    return environment


def _installed_peer() -> dict[str, str]:
    if found := shutil.which("xmllint"):
        return {"PATH": os.path.dirname(found)}
    place = archive.cache() / "xmllint"
    try:
        with archive.exclusive():
            if not list(place.glob("usr/bin/xmllint")):
                _unpack(place)
    except (archive.ArchiveUnreachable, OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"Debian's xmllint cannot be had: {error}")
    libraries = ":".join(str(one) for one in place.glob("usr/lib/*"))
    return {"PATH": f"{place}/usr/bin", "LD_LIBRARY_PATH": libraries}


def _unpack(place: Path) -> None:
    fresh = place.with_name("xmllint.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    archive.download(archive.lacked("libxml2-utils"), fresh)
    for package in fresh.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(package), str(fresh)], check=True)
    fresh.rename(place)


def same(tree: Path, peer: dict[str, str], *words: str) -> None:
    """Both programs with the same words, in the planted tree with PLIST on standard input."""
    theirs = subprocess.run(["xmllint", *words], input=PLIST, capture_output=True, text=True,
                            check=False, cwd=tree, env={**peer, "LC_ALL": "C.UTF-8"})
    ours = filler(tree, "xmllint", *words, stdin=PLIST)
    assert ours == (theirs.stdout, theirs.stderr, theirs.returncode), words


@needs_elementpath
def test_expressions_as_debians_answers_them(tree: Path, peer: dict[str, str]) -> None:
    planted(tree)
    for expression in (*EXPRESSIONS, *COMPARED):
        for file in ("-", "n.xml"):
            same(tree, peer, "--xpath", expression, file)


def test_documents_as_debians_writes_them(tree: Path, peer: dict[str, str]) -> None:
    planted(tree)
    for words in ([], ["--format"], ["--noblanks"], ["--noout"], ["--dropdtd", "--format"],
                  ["--encode", "US-ASCII"], ["--encode", "UTF-8"]):
        for file in ("-", "n.xml", "m.xml", *(f"{name}.xml" for name in FAULTS), "nofile"):
            same(tree, peer, *words, file)
    same(tree, peer, "--noout", "nofile", "a.plist")
