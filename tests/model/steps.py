"""One command: how it is typed, and what it makes of the model."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from tests.model import accounts, groups
from tests.model.model import Model, Refused


def path(kind: str, name: str) -> str:
    """The dscl path of a record; what means something in a path is percent-encoded (spec 2.4)."""
    return f"/{kind}/" + "".join(quote(char, safe="") if char in "/%\\\n\t" else char
                                 for char in name)


@dataclass(frozen=True)
class Dscl:
    """`dscl . VERB PATH [KEY [VALUE...]]`."""

    verb: str
    kind: str
    name: str
    words: tuple[str, ...] = ()

    @property
    def argv(self) -> list[str]:
        name = self.name if self.verb == "read" else None  # read takes its last part literally
        where = path(self.kind, self.name) if name is None else f"/{self.kind}/{name}"
        return ["dscl", ".", f"-{self.verb}", where, *self.words]

    def apply(self, model: Model) -> int:
        """Change the model; returns the exit status."""
        key, values = (self.words[0] if self.words else None), self.words[1:]
        act = getattr(model, self.verb)
        try:
            if self.verb == "read":
                act(self.kind, self.name)
            elif self.verb in ("create", "delete"):
                act(self.kind, self.name, key, values)
            elif self.verb == "change":
                act(self.kind, self.name, key, *values)
            elif self.verb == "changei":
                act(self.kind, self.name, key, int(values[0]), values[1])
            else:
                act(self.kind, self.name, key, values)
        except Refused as refused:
            return refused.status
        return 0


@dataclass(frozen=True)
class Dseditgroup:
    """`dseditgroup -o OPERATION [OPTION VALUE]... -- GROUP`."""

    operation: str
    group: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def argv(self) -> list[str]:
        words = [word for option, value in self.options
                 for word in ((option,) if option == "-q" else (option, value))]
        return ["dseditgroup", "-o", self.operation, *words, "--", self.group]

    def apply(self, model: Model) -> int:
        """Change the model; returns the exit status."""
        options = dict(self.options)
        if self.operation == "checkmember":
            return groups.check_member(model, options["-m"], self.group)
        if self.operation == "delete":
            return groups.delete(model, self.group)
        return getattr(groups, self.operation)(model, self.group, options)


@dataclass(frozen=True)
class Sysadminctl:
    """`sysadminctl -addUser NAME [OPTION VALUE]...` or `-deleteUser NAME -keepHome`."""

    command: str
    name: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def argv(self) -> list[str]:
        words = [word for option, value in self.options
                 for word in ((option,) if option in ("-admin", "-keepHome") else (option, value))]
        return ["sysadminctl", self.command, self.name, *words]

    def apply(self, model: Model) -> int:
        """Change the model; returns the exit status."""
        if self.command == "-addUser":
            accounts.add_user(model, self.name, dict(self.options))
        else:
            accounts.delete_user(model, self.name)
        return 0


Step = Dscl | Dseditgroup | Sysadminctl
