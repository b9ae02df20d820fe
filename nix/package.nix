# The package: the admin's command, the pages, and the code that it installs into prefixes.
{ lib, python3Packages }:
let
  init = builtins.readFile ../dirserv/__init__.py;
in
python3Packages.buildPythonApplication {
  pname = "darling-dirserv";
  version = builtins.head (builtins.match ''.*__version__ = "([^"]*)".*'' init);
  pyproject = true;
  src = lib.cleanSource ../.;
  # The wheel carries pages and completions under share/, from where the pages move to "man".
  outputs = [ "out" "man" ];

  build-system = with python3Packages; [
    argparse-manpage
    filelock
    setuptools
    shtab
    sqlite-utils
  ];
  dependencies = with python3Packages; [
    biplist
    elementpath
    filelock
    sqlite-utils
  ];

  # What needs root, a registry or a C compiler says so and is skipped.
  nativeCheckInputs = with python3Packages; [
    build
    cronsim
    hypothesis
    pytest-xdist
    pytestCheckHook
    tzdata
  ];

  meta = {
    description = "macOS account, service and sandbox commands for Darling prefixes";
    mainProgram = "darling-dirserv";
    platforms = lib.platforms.linux;
  };
}
