"""Texts that want too much end with one sentence (issue 4, 5.5): no traceback, no long wait.

Nothing here measures time: what is bounded is the number of steps, and the sentence says which
bound it was.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from sandbox_stub import limits
from sandbox_stub.compiler import compile_profile
from sandbox_stub.errors import ProfileError
from tests.sandbox.language.support import compiled, fault, value
from tests.support import CHECKOUT

FEW = 100_000
STEPS = f"the profile takes more than {FEW} steps to evaluate"
NESTED = f"evaluation is nested more than {limits.DEPTH} deep"
DEEP_TEXT = f"forms are nested more than {limits.NESTING} deep"

# The sentence is None where it depends on how deep the caller is.
GREEDY = [
    ("loop", "(define (f) (f)) (f)", STEPS),
    ("let loop", "(let loop () (loop))", STEPS),
    ("mutual loop", "(define (a) (b)) (define (b) (a)) (a)", STEPS),
    ("macro loop", "(macro (m form) form) (m)", STEPS),
    ("list that doubles", "(define l '(1)) (let loop () (set! l (append l l)) (loop))", STEPS),
    ("list that grows", "(define l '()) (let loop () (set! l (cons 1 l)) (loop))", STEPS),
    ("recursion", "(define (f n) (+ 1 (f n))) (f 1)", NESTED),
    ("recursion through map", "(define (f n) (map f (list n))) (f 1)", None),
    ("recursion through apply", "(define (f n) (+ 1 (apply f (list n)))) (f 1)", None),
    ("recursion through let", "(define (f) (let ((x (f))) x)) (f)", None),
    ("endless macros", "(macro (m form) (list 'm (list 'm form))) (m)", STEPS),
    ("string that doubles", '(define s "ab") (let loop () (set! s (string-append s s)) (loop))',
     f"a string grows to more than {limits.STRING} characters"),
    ("many strings", '(define s "' + "a" * 60000 + '") (define l (list s)) '
     '(let loop () (set! l (cons (string-append s "b") l)) (loop))', STEPS),
    ("filter that doubles",
     '(define f (literal "/")) (let loop () (set! f (require-all f f)) (loop))',
     f"a filter has more than {limits.FILTER_SIZE} conditions"),
    ("filter that nests",
     '(define f (literal "/")) (let loop () (set! f (require-not f)) (loop))',
     f"filters are nested more than {limits.FILTER_DEPTH} deep"),
    ("big filter in many rules", "(define l '(\"/a\")) (let loop ((n 14)) (if (> n 0) (begin "
     '(set! l (append l l)) (loop (- n 1))))) (define f (apply literal l)) '
     "(let loop () (allow file* f) (loop))", STEPS),
    ("many rules", "(let loop () (allow default) (loop))", STEPS),
    ("many regexes", '(let loop ((s "a")) (regex s) (loop (string-append s "a")))', STEPS),
    ("list that nests, printed", "(define l '()) (let loop ((n 5000)) (if (> n 0) (begin "
     "(set! l (list l)) (loop (- n 1))))) (error l)", None),
    ("list that nests, compared", "(define (nest n l) (if (= n 0) l (nest (- n 1) (list l)))) "
     "(equal? (nest 3000 '()) (nest 3000 '()))", None),
    ("imports", '(import "system.sb")' * 4000, STEPS),
]


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget that is used up sooner; one test has the real one."""
    monkeypatch.setattr(limits, "STEPS", FEW)


def test_the_real_budget() -> None:
    assert fault("(version 1)(define (f) (f)) (f)") == (
        f"the profile takes more than {limits.STEPS} steps to evaluate")


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize(("text", "message"), [row[1:] for row in GREEDY],
                         ids=[row[0] for row in GREEDY])
def test_greedy_profile(text: str, message: str | None) -> None:
    found = fault("(version 1)" + text)
    assert found == message if message else found


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize(("text", "message"), [
    ("(" * 100_000, DEEP_TEXT), ("'" * 100_000, DEEP_TEXT),
    ("(a " * 100_000 + ")" * 100_000, DEEP_TEXT),
    ("`" * 300 + "a", DEEP_TEXT), ("(begin " * 240 + ")" * 240, None),
    ("'" + "(" * 240 + ")" * 240, None), ("(+ 1 " * 240 + ")" * 240, None),
    ("(f" * 240 + ")" * 240, "unbound variable: f"),
    ("(quote (" + "a " * FEW + "))", STEPS), ("x" * limits.TEXT, "the profile is larger"),
    ('"' + "a" * (limits.STRING + 1) + '"', "a string has more than"),
    ('(regex #"' + "a" * limits.REGEX + '")', "a regular expression is too large"),
    ('(regex #"' + "(" * 5000 + '")', "a regular expression is nested too deep"),
    ("a" * 1_000_000, "unbound variable: aaa"), ("1" * 1_000_000, None), ("." * 100_000, "unbound"),
    ("#x" + "f" * 100_000, "undefined sharp expression"), (";" * 1_000_000, None),
    ("\\" * 100_000, "unbound variable"), ('"' + "\\\\" * 30_000 + '"', None),
])
def test_large_texts(text: str, message: str | None) -> None:
    found = fault("(version 1)" + text)
    assert found is None if message is None else (found or "").startswith(message)


def test_text_is_measured_before_it_is_read() -> None:
    with pytest.raises(ProfileError, match=f"larger than {limits.TEXT} bytes"):
        compile_profile(b"(" * (limits.TEXT + 1))


def test_a_message_is_never_huge() -> None:
    with pytest.raises(ProfileError) as caught:
        compiled("(version 1)(allow file* (literal (" + "a " * 100_000 + ")))")
    assert len(str(caught.value)) < 5000


def test_tail_calls_do_not_nest() -> None:
    loops = ["(if #t (loop (- n 1)))", "(cond (#f 1) (else (loop (- n 1))))",
             "(or #f (loop (- n 1)))", "(and #t (loop (- n 1)))", "(when #t (loop (- n 1)))",
             "(begin 1 (loop (- n 1)))",
             "(let ((m n)) (loop (- m 1)))", "(case 1 ((1) (loop (- n 1))))"]
    for loop in loops:
        assert value(f"(let loop ((n 5000)) (if (= n 0) 'done {loop}))") == "done", loop


def test_a_caller_that_is_deep_itself_sees_no_recursion_error() -> None:
    def deep(count: int) -> str | None:
        if count:
            return deep(count - 1)
        return fault("(version 1)" + "(+ 1 " * 240 + ")" * 240)

    left = sys.getrecursionlimit() - len(_stack()) - 150
    assert deep(left) == "the profile is nested too deep"


def _stack() -> list[object]:
    frames, frame = [], sys._getframe()
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def test_modules_that_a_start_cannot_afford_are_not_imported() -> None:
    code = ("import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules);"
            "import sandbox_stub.compiler, sandbox_stub.decision;"
            "sandbox_stub.compiler.compile_profile('(version 1)(import \"bsd.sb\")');"
            "print(*sorted(name for name in set(sys.modules) - before"
            " if not name.startswith('sandbox_stub')))")
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, str(CHECKOUT)],
                          capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["__future__"]
