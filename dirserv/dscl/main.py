"""dscl as a command: open the datasource, run one verb or a session of them."""

from __future__ import annotations

from dirserv import __version__
from dirserv.dscl import grammar
from dirserv.dscl.items import Item, NodeItem, ServiceItem, deepest
from dirserv.dscl.session import Node, Session
from dirserv.errors import UNKNOWN_NODE_NAME, DSError, InvalidPath, status_name
from dirserv.outcome import Outcome
from dirserv.system import late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory
    from dirserv.dscl.grammar import Options

EX_USAGE, EX_UNAVAILABLE = 64, 69

#: verb -> the module that has its function, which is called like it but for _FUNCTIONS.
_CODE = {
    **dict.fromkeys(("read", "readall", "list", "search", "diff"), "reading"),
    **dict.fromkeys(("create", "append", "merge", "change", "changei", "delete"), "writing"),
    **dict.fromkeys(("readpl", "readpli", "createpl", "createpli", "deletepl", "deletepli"),
                    "plists"),
    **dict.fromkeys(("passwd", "auth", "authonly"), "account"),
    **dict.fromkeys(("cd", "pushd", "popd"), "moving"),
}
_FUNCTIONS = {"list": "list_", "authonly": "auth"}


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command dscl."""
    name, arguments = argv[0], argv[1:]
    if arguments == ["-appleversion"]:
        return Outcome(out=f"{name}, Apple Inc., Version {__version__}\n")
    if arguments == ["--help"]:
        return Outcome(out=usage(name))
    options, words = grammar.parse(arguments)
    source = words[0] if words else "localhost"
    try:
        session = open_session(source, options, console, directory)
    except DSError:
        return Outcome(out=f"Data source ({source}) is not valid.\n", status=EX_UNAVAILABLE)
    if session is None:
        return Outcome(out="Cannot open remote host, error: DSOpenDirServiceErr\n")
    if len(words) > 1:
        session.outcome.status = execute(session, name, words[1:])
        return session.outcome
    if not words:
        session.say('Entering interactive mode... (type "help" for commands)')
    return converse(session, name)


def usage(name: str) -> str:
    """The usage text."""
    return f"dscl (v{__version__})\n" + grammar.USAGE.format(name=name)


def open_session(
    source: str, options: Options, console: Console, directory: Directory
) -> Session | None:
    """The session for a datasource text; None for a remote host, which cannot be reached.

    Raises DSError if there is no such node or the credentials are not accepted.
    """
    node, top = _open(source, options, directory)
    if top is None:
        return None
    user = options.user or ("root" if options.prompt else None)
    if user and options.password is None:
        options.password = console.ask("Password: ")
    if user and isinstance(top, NodeItem):
        from dirserv.passwords import authenticate

        refused = authenticate(node, user, options.password or "")
        if refused:
            raise DSError(refused)
    return Session(node, top, options, console)


def _open(source: str, options: Options, directory: Directory) -> tuple[Node, Item | None]:
    if options.path is not None:
        from dirserv.target import open_target

        node = Node("/Local/Target", open_target(directory, options.path))
        return node, ServiceItem(node)
    node = Node("/Local/Default", directory)
    word = source.lower()
    if source == ".":
        return node, NodeItem(node, "", node.name)
    if source.startswith("/"):
        return node, _named_node(node, source)
    if word in ("localhost", "localonly"):
        return node, ServiceItem(node)
    if word in ("edslocalhostednodes", "edslocalnodenames"):
        return node, NodeItem(node, "", node.name)
    return node, None


def _named_node(node: Node, source: str) -> NodeItem:
    known = {"/Local/Default", "/Search", "/Local", "/Search/Contacts", "/Contact"}
    if (source.rstrip("/") or "/") not in known:
        raise DSError(UNKNOWN_NODE_NAME)
    return NodeItem(node, "", "/Search" if source.startswith("/Search") else node.name)


def execute(session: Session, name: str, words: list[str]) -> int:
    """Run one command line; returns the exit status (spec 2.3)."""
    typed, arguments = words[0].removeprefix("-"), words[1:]
    verb = grammar.verb(words[0])
    if verb is None:
        session.outcome.err += usage(name)
        return 0
    needed = grammar.VERBS[verb][0]
    if len(arguments) < needed and not (session.interactive and not arguments and needed == 1):
        session.outcome.complain(f"Too few parameters for {typed} operation")
        session.outcome.err += usage(name)
        return EX_USAGE
    try:
        function = late(f"dirserv.dscl.{_CODE[verb]}", _FUNCTIONS.get(verb, verb))
        status: int = function(session, arguments)
    except InvalidPath as error:
        session.say(f"{typed}: {error.reason}")
        status = error.code
    except DSError as error:
        if error.note:
            session.outcome.complain(error.note)
        session.say(f"{typed}: DS error: {status_name(error.code)}")
        status = error.code
    if status:
        session.outcome.complain(f"<dscl_cmd> DS Error: {status} ({status_name(status)})")
    return -status


def converse(session: Session, name: str) -> Outcome:
    """Run the lines of standard input; errors do not end the session (spec 2.12)."""
    session.interactive = True
    console, outcome = session.console, session.outcome
    typed = console.interactive() and not session.options.quiet
    console.show(outcome)
    if typed:
        console.prompt(_prompt(session))
    for line in console.lines():
        if line.strip() in ("exit", "quit", "q"):
            break
        if len(line) > 1 and line.endswith("/") and line[-2] != " ":
            line = line[:-1]
        words = grammar.split(line)
        if words:
            session.node.forget()
            execute(session, name, words)
            console.show(outcome)
        if typed:
            console.prompt(_prompt(session))
    if not session.options.quiet:
        session.say("Goodbye")
    outcome.status = 0
    return outcome


def _prompt(session: Session) -> str:
    return f"\033[1m{deepest(session.stack)}\033[0m > "
