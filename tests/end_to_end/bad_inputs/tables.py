"""Tables of scores that cannot be compared, and options that do not fit them."""

from tests.end_to_end.bad_inputs.row import Row

GOOD = "variant,seed,score\na,1,0.5\nb,1,0.6\n"


def table(text: str | bytes, said: str, *more: str) -> Row:
    return Row(("report", "scores.csv", *more), said, {"scores.csv": text})


TABLES = [
    table("", "scores.csv is empty: expected the columns variant, seed and score"),
    table("variant,seed,score\n", "scores.csv holds no run"),
    table("variant,seed,score\na,1,1\n", "has the variant 'a' alone"),
    table("variant,sead,score\na,1,1\n", "unknown column 'sead'; did you mean 'seed'?"),
    table("variant,seed,score,score\na,1,1,1\n", "two columns 'score'"),
    table("variant,seed\na,1\n", "has no column score"),
    table("variant;seed;score\na;1;0,5\n", "separated by ';'"),
    table("variant,seed,score\na,1,0.5\nb,1,nan\n", "row 3: score is 'nan', expected a finite number"),
    table("variant,seed,score\na,1,0.5\nb,1,-inf\n", "row 3: score is '-inf'"),
    table("variant,seed,score\na,1,0.5\nb,1,good\n", "row 3: score is 'good'"),
    table("variant,seed,score\na,1,0.5\nb,one,1\n", "row 3: seed is 'one'"),
    table("variant,seed,score\na,1,0.5\n,1,1\n", "row 3: variant is nothing"),
    table("variant,seed,score\na,1,0.5\nb,1\n", "row 3: 2 cells under 3 columns"),
    table("variant,seed,score\na,1,0.5\nb,1,0.6\nb,1,0.6\n", "row 4: 'b', seed 1 stood in row 3 already"),
    table("variant,seed,score\na,1,0.5\na,2,0.5\nb,1,0.6\n", "not paired, for 'b' lacks seed 2"),
    table(b"variant,seed,score\na,1,\xff\n", "no CSV file in UTF-8"),
    table(b"PK\3\4\0\0\0\0", "no CSV file in UTF-8"),
    table(GOOD.replace("0.6", "60"), "row 3: score is '60', expected a number from 0 to 1", "--metric", "accuracy"),
    table(GOOD.replace("0.6", "600"), "row 3: score is '600', expected a number from 0 to 100", "--unit", "percent"),
    table("variant,seed,image,label\na,1,x,y\n", "has no column prediction"),
    table(
        "variant,seed,image,label,prediction\na,1,x,0,0\nb,1,x,0,0\nb,1,y,0,0\n",
        "'a', seed 1, lacks image 'y'",
    ),
    table(
        "variant,seed,image,label,prediction\na,1,x,0,0\nb,1,x,1,0\n",
        "the label of image 'x' is '0' in row 2 and '1' in row 3",
    ),
    table(
        "variant,seed,image,label,prediction\na,1,x,0,0\nb,1,x,0,1\n",
        "--direction min is not possible",
        "--direction",
        "min",
    ),
    table(GOOD, "--unit 'shares' is not possible", "--unit", "shares"),
    table(GOOD, "--metric '' is not possible", "--metric", ""),
    table(GOOD, "'--direction'", "--direction", "up"),
    table(GOOD, "unknown variant 'c'", "--against", "c"),
    table(GOOD, "--margin -1 is not possible", "--margin", "-1"),
    table(GOOD, "--margin inf is not possible", "--margin", "inf"),
    table(GOOD, "--margin 100 is not possible: give a number from 0 up to 100", "--unit", "share", "--margin", "100"),
    Row(("report", "missing.csv"), "there is no table 'missing.csv'"),
    Row(("report", "folder.csv"), "folder.csv holds no experiment's runs", folders=("folder.csv",)),
    Row(("report", "scores.txt"), "or a table of scores (.csv)", {"scores.txt": GOOD}),
    Row(("report", "scores.csv"), "nothing can be written in", {"scores.csv": GOOD, "scores": "a file"}),
    Row(
        ("report", "scores.csv", "--runs-dir", "a.txt"),
        "give another folder with --runs-dir",
        {"scores.csv": GOOD, "a.txt": ""},
    ),
    *(
        Row(("report", "empty", option, "max"), "empty holds no experiment's runs", folders=("empty",))
        for option in ("--direction", "--metric")
    ),
]
