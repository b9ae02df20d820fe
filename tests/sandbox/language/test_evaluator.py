"""The Scheme part: what forms evaluate to (spec/sandbox.md 3.1 and 3.2)."""

from __future__ import annotations

import pytest

from tests.sandbox.language.support import value

VALUES = [
    # Reading and printing
    ("#t", "#t"), ("#f", "#f"), ("()", "()"), ("12", "12"), ("-7", "-7"), ("+7", "7"),
    ("1.5", "1.5"), ("-.5", "-0.5"), ("#o0004", "4"), ("#xfF", "255"), ("#b101", "5"),
    ("#d10", "10"), ("99999999999999999999999", "9223372036854775807"),
    ("#\\a", "#\\a"), ("#\\space", "#\\ "), ("#\\(", "#\\("), ("'abc", "abc"),
    ('"a\\"b\\\\c\\n"', '"a\\"b\\\\c\\n"'), ('"\\x41;"', '"A;"'), ('"\\xc3\\xa9"', '"é"'),
    ('#"a\\.b"', '"a\\\\.b"'), ('#"say \\"x\\""', '"say \\\\\\"x\\\\\\""'),
    ("'(a . b)", "(a . b)"), ("'(1 2 . (3))", "(1 2 3)"), ("'(a (b \"c\") 1)", '(a (b "c") 1)'),
    ("''a", "(quote a)"), ("; nothing\n1 ; more", "1"), ("#!/usr/bin/sandbox\n3", "3"),
    ("'AbC", "AbC"), ("'127.0.0.1:80", "127.0.0.1:80"), ("'...", "..."), ("'-", "-"), ("'1+", "1+"),
    # Variables and procedures
    ("(define x 3) x", "3"), ("(define x) x", "()"), ("(define (f a b) (+ a b)) (f 1 2)", "3"),
    ("(define (f . all) all) (f 1 2)", "(1 2)"), ("(define (f a . r) r) (f 1 2 3)", "(2 3)"),
    ("((lambda all all) 1 2)", "(1 2)"), ("((lambda (x) (* x x)) 5)", "25"),
    ("(define (f a) a) (f 1 2)", "1"), ("(define x 1) (set! x 2) x", "2"),
    ("(define (counter) (define n 0) (lambda () (set! n (+ n 1)) n)) "
     "(define c (counter)) (c) (c)", "2"),
    ("(define not car) (not '(1))", "1"), ("(define (f)) (f)", "()"),
    ("(define w if) (w #f 1 2)", "2"),
    ("car", "#<PROCEDURE car>"), ("if", "#<PROCEDURE if>"), ("(lambda () 1)", "#<CLOSURE>"),
    ("(macro (m f) 1) m", "#<MACRO>"),
    # Conditions
    ("(if #t 1 2)", "1"), ("(if #f 1 2)", "2"), ("(if #f 1)", "()"), ('(if "" 1 2)', "1"),
    ("(if 0 1 2)", "1"), ("(if '() 1 2)", "1"), ("(when #t 1 2)", "2"), ("(when #f 1)", "()"),
    ("(unless #f 1 2)", "2"), ("(unless 1 2)", "()"),
    ("(cond (#f 1) ((= 1 1) 2) (else 3))", "2"), ("(cond (#f 1) (else 2 3))", "3"),
    ("(cond (#f 1))", "()"), ("(cond (5))", "5"), ("(cond ((assoc 1 '((1 . 2))) => cdr))", "2"),
    ("(case 3 ((1 2) 'low) ((3 4) 'mid) (else 'high))", "mid"),
    ("(case 'z ((a) 1) (else 2))", "2"), ("(case 9 ((1) 1))", "()"),
    ("(and)", "#t"), ("(and 1 2)", "2"), ("(and 1 #f 2)", "#f"), ("(and #f (oops))", "#f"),
    ("(or)", "#f"), ("(or #f 2)", "2"), ("(or 1 (oops))", "1"), ("(or #f #f)", "#f"),
    ("(not #f)", "#t"), ("(not 0)", "#f"), ("(begin 1 2 3)", "3"), ("(begin)", "()"),
    # Binding
    ("(let ((a 1) (b 2)) (+ a b))", "3"), ("(let () 1)", "1"),
    ("(define a 1) (let ((a 2) (b a)) b)", "1"), ("(let* ((a 1) (b (+ a 1))) b)", "2"),
    ("(let* ((a 1) (a (+ a 1))) a)", "2"),
    ("(letrec ((even? (lambda (n) (if (= n 0) #t (odd? (- n 1))))) "
     "(odd? (lambda (n) (if (= n 0) #f (even? (- n 1)))))) (even? 100))", "#t"),
    ("(let loop ((n 5) (all 1)) (if (= n 0) all (loop (- n 1) (* all n))))", "120"),
    ("(let loop ((n 20000)) (if (= n 0) 'done (loop (- n 1))))", "done"),
    # Quasi-quotation and macros
    ("`(1 ,(+ 1 1) ,@(list 3 4) 5)", "(1 2 3 4 5)"), ("`a", "a"), ("`(1 . ,(+ 1 1))", "(1 . 2)"),
    ("`(,@'() x)", "(x)"),
    ("(macro (swap form) (list 'list (caddr* form) (cadr* form)))"
     "(define (cadr* l) (car (cdr l)))(define (caddr* l) (car (cdr (cdr l))))(swap 1 2)", "(2 1)"),
    ("(macro twice (lambda (form) `(begin ,(car (cdr form)) ,(car (cdr form)))))"
     "(define n 0)(twice (set! n (+ n 1)))n", "2"),
    # Lists
    ("(cons 1 2)", "(1 . 2)"), ("(car '(1 2))", "1"), ("(cdr '(1 2))", "(2)"), ("(list)", "()"),
    ("(append '(1) '(2 3) '(4))", "(1 2 3 4)"), ("(append)", "()"), ("(append '(1) 2)", "(1 . 2)"),
    ("(reverse '(1 2 3))", "(3 2 1)"), ("(length '(1 2))", "2"), ("(list-ref '(1 2) 1)", "2"),
    ("(member 2 '(1 2 3))", "(2 3)"), ("(member \"b\" '(\"a\"))", "#f"),
    ("(memq 'b '(a b))", "(b)"),
    ("(assoc \"k\" '((\"k\" 1)))", '("k" 1)'), ("(assv 5 '((1 2)))", "#f"),
    ("(map + '(1 2) '(10 20))", "(11 22)"), ("(map (lambda (x) x) '())", "()"),
    ("(define n 0)(for-each (lambda (x) (set! n (+ n x))) '(1 2 3))n", "6"),
    ("(apply + 1 '(2 3))", "6"), ("(apply list '())", "()"), ("(null? '())", "#t"),
    ("(pair? '())", "#f"), ("(list? '(1))", "#t"), ("(equal? '(1 (2)) '(1 (2)))", "#t"),
    ("(equal? '(1 2) '(1 3))", "#f"), ("(eqv? '(1) '(1))", "#f"), ("(eq? 'a 'a)", "#t"),
    ("(equal? 1 #t)", "#f"),
    # Strings, symbols and numbers
    ('(string-append "a" "b" "")', '"ab"'), ("(string-append)", '""'),
    ('(string-length "abc")', "3"),
    ('(substring "abcd" 1 3)', '"bc"'), ('(substring "abcd" 2)', '"cd"'),
    ('(string-ref "abc" 1)', "#\\b"),
    ('(string=? "a" "a")', "#t"), ('(string=? "a" "b")', "#f"), ('(string<? "a" "b")', "#t"),
    ('(string? "")', "#t"), ("(string? #\\a)", "#f"), ("(symbol? 'a)", "#t"),
    ("(boolean? #f)", "#t"),
    ("(number? 1)", "#t"), ("(number? #t)", "#f"), ("(procedure? car)", "#t"),
    ('(string->number "12")', "12"), ('(string->number "x")', "#f"),
    ("(number->string 12)", '"12"'),
    ("(symbol->string 'a)", '"a"'), ('(string->symbol "a")', "a"),
    ("(= 1 1 1)", "#t"), ("(= 1 2)", "#f"), ("(< 1 2 3)", "#t"), ("(< 1 3 2)", "#f"),
    ("(> 2 1)", "#t"),
    ("(<= 1 1)", "#t"), ("(>= 1 2)", "#f"), ("(+)", "0"), ("(+ 1 2.5)", "3.5"), ("(- 5)", "-5"),
    ("(- 5 1 1)", "3"), ("(*)", "1"), ("(quotient -7 2)", "-3"), ("(remainder -7 2)", "-1"),
    ("(* 9223372036854775807 2)", "-2"), ("(+ 9223372036854775807 1)", "-9223372036854775808"),
    # What is defined
    ("(defined? 'car)", "#t"), ("(defined? 'syscall-unix)", "#t"),
    ("(defined? 'no-such-thing)", "#f"),
    ("(define x 1)(defined? 'x)", "#t"), ("file-read*", "file-read*"),
    ("file-unlink", "file-write-unlink"),
    ("SYS_open", "SYS_open"), ("tcp", "tcp"),
]

FAULTS = [
    ("x", "unbound variable: x"), ("(x)", "unbound variable: x"), ("(1 2)", "illegal function"),
    ("(\"f\")", "illegal function"), ("(apply if '(1 2))", "illegal function"),
    ("(set! x 1)", "set!: unbound variable: x"), ("((lambda (a b) a) 1)", "not enough arguments"),
    ("(if)", "syntax error in if"), ("(define)", "syntax error in define"),
    ("(quote)", "syntax error in quote"),
    ("(define w when)(w)", "syntax error in w"), ("(cond 1)", "syntax error in cond"),
    ("(case 1 2)", "syntax error in case"), ("(macro m 1)", "syntax error in macro"),
    ("(define 1 2)", "variable is not a symbol"), ("(define ((f)) 2)", "variable is not a symbol"),
    ("((lambda (1) 2) 3)", "variable is not a symbol"),
    ("(let ((a)) a)", "Bad syntax of binding spec in let"),
    ("(let (a) a)", "Bad syntax of binding spec in let"),
    ("(let 5 a)", "Bad syntax of binding spec in let"),
    ('(let* "ab" 1)', "Bad syntax of binding spec in let*"),
    ("(car '())", "car: argument 1 must be: pair"), ("(car 1 2)", "car: needs 1 argument(s)"),
    ("(cons 1)", "cons: needs 2 argument(s)"), ("(map car)", "map: needs at least 2 argument(s)"),
    ('(substring "a" 0 1 2)', "substring: needs at most 3 argument(s)"),
    ("(string-append \"a\" 1)", "string-append: argument 2 must be: string"),
    ("(+ 1 #t)", "+: argument 2 must be: number"),
    ("(map if '(1))", "map: argument 1 must be: procedure"),
    ("(length '(1 . 2))", "not a proper list"), ("(apply list 5)", "not a proper list"),
    ("(list-ref '(1) 1)", "list-ref: index out of bounds"),
    ('(string-ref "" 0)', "string-ref: out of bounds: 0"),
    ('(substring "abc" 2 1)', "substring: end out of bounds: 1"),
    ("(quotient 1 0)", "quotient: division by zero"),
    ("(remainder 1 0)", "remainder: division by zero"),
    ('(error "one" 2 "three" \'(a "b"))', 'one 2 three (a "b")'), ("(error)", ""),
    ("(", "syntax error: expecting ')'"), ("'", "syntax error: expecting ')'"),
    (")", "syntax error: illegal token"),
    ("(')", "syntax error: illegal token"), ("( . a)", "syntax error: illegal dot expression"),
    ("(a . b c)", "syntax error: illegal dot expression"),
    ("(a .)", "syntax error: illegal dot expression"),
    (".", "syntax error: illegal dot expression"),
    ("(a . b . c)", "syntax error: illegal dot expression"),
    ('"abc', "Error reading string"), ('"abc\\"', "Error reading string"),
    ('#"abc\\"', "Error reading string"),
    ('"\\xg1"', "Error reading string"), ("#q", "undefined sharp expression"),
    ("#", "undefined sharp expression"),
    ("#(1 2)", "undefined sharp expression"), ("#x", "undefined sharp expression"),
    ("#b2", "undefined sharp expression"),
    ("#\\ab", "undefined sharp expression"),
    ("#| no block comments |#", "undefined sharp expression"),
]


@pytest.mark.parametrize(("text", "printed"), VALUES, ids=lambda text: text[:60])
def test_value(text: str, printed: str) -> None:
    assert value(text) == printed


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=lambda text: text[:60])
def test_fault(text: str, message: str) -> None:
    assert value(text) == f"error: {message}"


def test_parameters_are_values_and_never_source() -> None:
    # Spec 2.1: what -D gives cannot inject anything.
    assert value('(param "X")', X='/tmp") (allow default)') == '"/tmp\\") (allow default)"'


@pytest.mark.parametrize(("text", "printed"), [
    ('(param "UNSET")', "#f"), ('(param "SET")', '"v"'), ('(getenv "SET")', '"v"'),
    ('(if (param "EMPTY") 1 2)', "1"), ("(param 1)", "error: param: argument 1 must be: string"),
    ("(allow default)", "#t"), ("(deny default)", "#t"), ("(version 1)", "#t"),
    ("(debug anything at all)", "#t"), ('(regex-quote "/a.b+c(d)")', '"/a\\\\.b\\\\+c\\\\(d\\\\)"'),
    ("(disable-callouts)", "#t"), ("(record)", "#t"),
    ('(_IO "h" 47)', str(0x2000682f)), ("(_IO #\\h 47)", str(0x2000682f)),
    ('(_IO "" 1)', "error: _IO: arguments must be: character and number"),
    ('(trace "/tmp/x")', "#t"),
])
def test_the_sandbox_part(text: str, printed: str) -> None:
    assert value(text, SET="v", EMPTY="") == printed
