# As much of nixpkgs' lib as our Nix files use, for machines that cannot fetch it. It is stricter
# in one way and simpler in another: a type that is not here is an error, and no option may be
# given by two modules.
let
  inherit (builtins) attrNames concatLists concatStringsSep filter isAttrs listToAttrs map;

  concatMap = f: list: concatLists (map f list);
  quote = word: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] word}'";
  plain = word: builtins.match "[[:alnum:],._+:@%/-]+" word != null;

  type = name: check: {
    inherit name;
    fill = at: value: if check value then value else throw "${at} is not of type `${name}'";
  };

  # A set of values with every declared option in it, or a complaint about one that is none.
  fill =
    at: options: values:
    let
      unknown = filter (name: !(options ? ${name})) (attrNames values);
      one =
        name: option:
        let
          here = "${at}${name}";
          value = if values ? ${name} then values.${name} else option.default;
        in
        if option._type or "" != "option" then
          fill "${here}." option (values.${name} or { })
        else if !(values ? ${name} || option ? default) then
          throw "${here} has no value"
        else
          option.type.fill here value;
    in
    if unknown != [ ] then
      throw "there is no option ${at}${builtins.head unknown}"
    else
      builtins.mapAttrs one options;

  # What is left of a configuration when the conditions of its mkIf are known.
  settle =
    value:
    if !(isAttrs value) || value.type or "" == "derivation" then
      value
    else if value._type or "" == "if" then
      if value.condition then settle value.content else { }
    else
      builtins.mapAttrs (_: settle) value;

  merge =
    a: b:
    let
      both = name: value: isAttrs value && isAttrs (a.${name} or null);
    in
    a // builtins.mapAttrs (name: value: if both name value then merge a.${name} value else value) b;

  lib = {
    inherit concatMap fill merge;

    mkOption = option: { _type = "option"; } // option;
    mkEnableOption = _: lib.mkOption { type = lib.types.bool; default = false; };
    mkIf = condition: content: { _type = "if"; inherit condition content; };
    literalExpression = text: text;

    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: list: if condition then list else [ ];
    optionalAttrs = condition: set: if condition then set else { };
    mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
    concatMapStringsSep = between: f: list: concatStringsSep between (map f list);
    escapeShellArg = word: if plain word then word else quote word;
    escapeShellArgs = words: concatStringsSep " " (map lib.escapeShellArg words);

    cleanSource = path: path;
    getExe = package: "${package}/bin/${package.meta.mainProgram}";
    platforms.linux = [ "linux" ];

    types = {
      bool = type "boolean" builtins.isBool;
      str = type "string" builtins.isString;
      package = type "package" (value: isAttrs value && value.type or "" == "derivation");
      ints.positive = type "positive integer" (value: builtins.isInt value && value > 0);
      enum = values: type "one of ${builtins.toJSON values}" (value: builtins.elem value values);
      nullOr = inner: {
        name = "null or ${inner.name}";
        fill = at: value: if value == null then null else inner.fill at value;
      };
      listOf = inner: {
        name = "list of ${inner.name}";
        fill = at: value: map (inner.fill at) ((type "list" builtins.isList).fill at value);
      };
      attrsOf = inner: {
        name = "set of ${inner.name}";
        fill = at: builtins.mapAttrs (name: inner.fill "${at}.${name}");
      };
      submodule = module: {
        name = "submodule";
        fill = at: fill "${at}." module.options;
      };
    };

    # The options' values and what the modules make of them; modules say nothing to one another.
    evaluate =
      { modules, arguments, settings }:
      let
        all = map (module: module ({ inherit config lib; } // arguments)) modules;
        options = builtins.foldl' (set: module: merge set (module.options or { })) { } all;
        config = fill "" options settings;
        made = map (module: settle (module.config or { })) all;
      in
      builtins.foldl' merge { } (map (set: removeAttrs set [ "programs" ]) made) // {
        inherit (config) programs;
      };
  };
in
lib
