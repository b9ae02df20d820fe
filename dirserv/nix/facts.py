"""Many small questions to a prefix in one go: each start of a program costs there."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from dirserv.admin.errors import AdminError
from dirserv.nix.inside import Inside


class Answer(NamedTuple):
    """How a question's commands ended and what they printed."""

    status: int
    text: str

    @property
    def ok(self) -> bool:
        """Whether they succeeded."""
        return self.status == 0


def ask(inside: Inside, questions: Mapping[str, str], timeout: float = 120.0) -> dict[str, Answer]:
    """The answers to questions, each an sh script, by name. Raises AdminError if the prefix does
    not answer to all."""
    mark = uuid.uuid4().hex
    script = "".join(f"(\n{text}\n) 2>&1 </dev/null; printf '\\n%s\\n' {mark}:$?\n"
                     for text in questions.values())
    result = inside.run(script, timeout=timeout)
    answers, text = [], ""
    for line in result.stdout.splitlines(keepends=True):
        if not line.startswith(f"{mark}:"):
            text += line
            continue
        answers.append(Answer(int(line.partition(":")[2]), text.removesuffix("\n")))
        text = ""
    if len(answers) != len(questions):
        raise AdminError(f"{inside.root} does not answer: {result.stdout.strip() or 'no output'}")
    return dict(zip(questions, answers, strict=True))
