"""What cannot stand in a Config, a Part or an Experiment."""

from tests.end_to_end.bad_inputs.row import HEAD, base, experiment, file

DIGITS, MLP = "use('digits')", "use('mlp')"
VALUES = [
    *(base(value, "mine.py line 5: base=") for value in ("None", "{}", "[]", "3", "'x'", DIGITS, "Config")),
    *(base(f"Config({value}, {MLP})", "dataset=") for value in ("None", "'digits'", "3", "{}", "[]")),
    base(f"Config(use, {MLP})", "use(use) is a function of the suite's: name the part as text"),
    *(base(f"Config({DIGITS}, {value})", "model=") for value in ("None", "'mlp'", "3", "{}", "[]")),
    *(
        base(f"Config({DIGITS}, {MLP}, {name}={value})", f"{name}=")
        for name in ("augmentation", "loss", "optimizer", "schedule")
        for value in ("None", "'x'", "3", "[]")
    ),
    *(
        base(f"Config({DIGITS}, {MLP}, {name}={value})", f"{name}=")
        for name in ("callbacks", "phases", "metrics")
        for value in (
            "None",
            "3",
            "'x'",
            "{}",
            "use('x')",
            "{1}",
            "[3]",
            "[None]",
            "('early_stopping',)",
            "[[]]",
            "iter(())",
        )
    ),
    *(
        base(f"Config({DIGITS}, {MLP}, {name}={value})", f"{name}=")
        for name in ("epochs", "batch_size")
        for value in ("0", "-1", "True", "2.5", "'3'", "None", "[]", "float('nan')", "10**10", "np.float32(2)", "b'3'")
    ),
    *(base(f"Config({DIGITS}, {MLP}, precision={value})", "precision") for value in ("'float8'", "3", "None", "[]")),
    *(
        base(f"Config({DIGITS}, use({value}))", "names no part")
        for value in ("3", "None", "b'mlp'", "['mlp']", "'x'*999")
    ),
    *(
        base(f"Config({DIGITS}, Part('mlp', {value}))", "the options of 'mlp'")
        for value in ("3", "None", "[]", "{1: 2}")
    ),
    *(
        base(f"Config({DIGITS}, use('mlp', units={value}))", "option units")
        for value in (
            "float('nan')",
            "float('inf')",
            "b'x'",
            "{1}",
            "{}",
            "object()",
            "np.zeros(3)",
            "np.array([[1]])",
            "1j",
            "range(3)",
            "lambda: 3",
            "iter([])",
            "[float('nan')]",
            "[{}]",
            "'x' * 10**6",
            "2**2000",
            "'\\0'",
            "'\\ud800'",
            "[0] * 10**6",
            "np.float64('nan')",
            "np.datetime64('2020-01-01')",
            "type",
        )
    ),
    file(
        f"{HEAD}x = 1\nfor _ in range(50): x = [x]\nuse('mlp', units=x)\n", "mine.py line 6: option units holds lists"
    ),
    file(f"{HEAD}x = []\nx.append(x)\nuse('mlp', units=x)\n", "mine.py line 6: option units holds lists"),
    *(
        experiment(f"variants={value}", "mine.py line 5: variants")
        for value in ("None", "3", "[]", "{}", "'x'", "{'a'}", "['a']")
    ),
    *(
        experiment(f"variants={{{value}: {{}}}}", "cannot name a folder")
        for value in ("3", "None", "''", "'a/b'", "'..'", "'a b'", "b'a'", "'-a'", "'a\\n'", "('a',)", "True", "'ä'")
    ),
    *(
        experiment(f"variants={{'a': {value}}}", "variant 'a' is")
        for value in ("None", "3", "[]", "'x'", "{1}", "use('mlp')")
    ),
    *(
        experiment(f"variants={{'a': {{{value}: 1}}}}", "variant 'a' overrides")
        for value in ("3", "None", "b'x'", "(1,)")
    ),
    *(
        experiment(f"variants={{'a': {{'model.units': {value}}}}}", "model.units")
        for value in ("float('nan')", "{1}", "object()", "b'x'", "np.zeros(2)", "lambda: 1")
    ),
    experiment("variants={'a': {}, 'A': {}}", "differ only in case"),
    experiment("variants={'x' * 200: {}}", "200 letters"),
    experiment("variants={f'v{k}': {} for k in range(20_001)}", "20,001 variants"),
    *(
        experiment(f"seeds={value}", "seeds=")
        for value in (
            "0",
            "-1",
            "2.5",
            "'3'",
            "True",
            "None",
            "[]",
            "{}",
            "float('inf')",
            "10**6",
            "10**400",
            "np.float32(3)",
        )
    ),
    *(
        experiment(f"against={value}", "against=")
        for value in ("'base=base'", "None", "3", "{}", "{'base=base'}", "b'x'")
    ),
    *(
        experiment(f"against=({value},)", "against")
        for value in ("3", "None", "'base'", "'base=nothing'", "''", "b'a=b'")
    ),
    *(
        file(f"{HEAD}\nEXPERIMENT = Experiment({value})\n", "mine.py line 5")
        for value in ("", "nothing=3", "1, 2, 3, 4, 5")
    ),
    *(file(f"{HEAD}\nEXPERIMENT = Config({value})\n", "mine.py line 5") for value in ("", "nothing=3", DIGITS)),
]
