"""Command lines without their passwords, for the log.

Only command lines that may hold one come here (``store``), so this module is not on the hot path.
Which word is a secret follows from each command's grammar; in doubt more is hidden.
"""

from __future__ import annotations

from dirserv.names import SECRETS

HIDDEN = "***"
#: What is longer is cut: a picture has no place in the log.
_LONGEST_WORD = 1024

#: Attributes whose values are secret, as somebody types them without a prefix, in small letters.
_KEYS = frozenset(name.partition(":")[2].lower() for name in SECRETS) | {"password", "passwd"}
#: Commands of dscl that take passwords behind a path or a user.
_VERBS = (["passwd"], ["auth"], ["authonly"])
#: Whole words that a password follows.
_WORDS = {
    "dscl": ("-P",),
    "sysadminctl": ("-password", "-newPassword", "-oldPassword", "-adminPassword"),
    "dsimport": ("--password", "-p", "--remotepassword"),
    "pwpolicy": ("setpassword", "-setpassword", "--setpassword", "-5"),
}
#: Option letters as getopt(3) has them, and those of them that a password follows.
_LETTERS = {"dseditgroup": ("LT:o:pqvn:m:u:P:a:d:t:i:g:r:k:c:s:S:f:?h", "P"),
            "dsenableroot": ("u:p:r:dv?h", "pr")}


def redacted(argv: list[str]) -> list[str]:
    """``argv`` with every word that is, or may be, a password replaced."""
    name, words = argv[0], list(argv[1:])
    if name in _LETTERS:
        _hide_letters(words, *_LETTERS[name])
    if name == "pwpolicy":
        _hide_cluster(words)
    if name == "dscl":
        _hide_after_verb(words)
    for at, word in enumerate(list(words)):
        option, equals, _ = word.partition("=")
        if word in _WORDS.get(name, ()):
            words[at + 1:at + 2] = [HIDDEN] * len(words[at + 1:at + 2])
        elif equals and option in _WORDS.get(name, ()):
            words[at] = f"{option}={HIDDEN}"
        elif at >= 3 and name in ("dscl", "dsimport") and word.rpartition(":")[2].lower() in _KEYS:
            words[at + 1:] = [HIDDEN] * len(words[at + 1:])
    return [name, *map(_cut, words)]


def _hide_after_verb(words: list[str]) -> None:
    """Hide what follows the path or the user of dscl's commands that take passwords."""
    at = 0
    while at < len(words) and words[at][:1] == "-":
        at += 1 + (words[at] in ("-u", "-P", "-f"))
    if [word.removeprefix("-") for word in words[at + 1:at + 2]] in _VERBS:
        words[at + 3:] = [HIDDEN] * len(words[at + 3:])


def _hide_letters(words: list[str], letters: str, secret: str) -> None:
    """Hide the values of option letters, in the same word or the next one."""
    at = 0
    while at < len(words) and words[at][:1] == "-" and words[at] not in ("-", "--"):
        word = words[at]
        end = next((end for end, letter in enumerate(word) if f"{letter}:" in letters), None)
        if end is not None:
            attached = end + 1 < len(word)
            at += not attached
            if word[end] in secret and at < len(words):
                words[at] = word[:end + 1] + HIDDEN if attached else HIDDEN
        at += 1


def _hide_cluster(words: list[str]) -> None:
    """Hide the values of pwpolicy's letters, which follow a whole cluster of them, behind -p."""
    for at, word in enumerate(words):
        if word[:1] == "-" and len(word) <= 6 and "p" in word:
            count = sum(letter in "apnuc" for letter in word)
            words[at + 1:at + 1 + count] = [HIDDEN] * len(words[at + 1:at + 1 + count])


def _cut(word: str) -> str:
    return word if len(word) <= _LONGEST_WORD else f"{word[:100]}… ({len(word)} characters)"
