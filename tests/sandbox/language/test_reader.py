"""Reading: what is read in one go is what is read character by character."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from sandbox_stub.account import Account
from sandbox_stub.errors import ProfileError
from sandbox_stub.reader import Reader
from sandbox_stub.values import Pair, Source, printed

LETTERS = "ab*-#.9'`,;()\\ \n\t\x1cé"
words, strings = (st.text(st.sampled_from(letters), max_size=6)
                  for letters in (LETTERS, LETTERS + '"'))


def read(text: str) -> tuple[list[str], str]:
    """The printed forms of a text, and the error it ends with."""
    forms: list[str] = []
    try:
        for form in Reader(Source(text, "test"), Account(strict=True)).forms():
            forms.append(printed(form))
    except ProfileError as error:
        return forms, error.message
    return forms, ""


@given(words, strings)
@example("subpath", "/a")
@example("subpath", 'a\\"b')
@example("a", "x" * 70000)
def test_the_short_way_reads_what_the_long_one_does(word: str, string: str) -> None:
    """Two blanks are enough for the long way."""
    for form in ('({}{}"{}")', "'({}{}\"{}\") b", '(x ({}{}"{}") (y)) z', '({}{}"{}"'):
        assert read(form.format(word, " ", string)) == read(form.format(word, "  ", string))


def test_both_ways_know_where_a_form_stands() -> None:
    for text in ('\n (a "b")', '\n (a  "b")'):
        source = Source(text, "test")
        (form,) = Reader(source, Account(strict=True)).forms()
        assert type(form) is Pair
        assert source.position(form.offset) == ("test", 2, 3)
        assert source.position(form.car.offset) == ("test", 2, 3)


def test_both_ways_count_the_parentheses() -> None:
    for blank in (" ", "  "):
        deep = "(" * 250 + f'(a{blank}"b")' + ")" * 250
        assert read(deep) == ([], "forms are nested more than 250 deep")


def test_both_ways_cost_the_same() -> None:
    def cost(text: str) -> int:
        account = Account(strict=True)
        before = account._steps
        assert len(list(Reader(Source(text, "test"), account).forms())) == 1
        return before - account._steps

    assert cost('(a "b")') == cost('(a  "b")') == 4
