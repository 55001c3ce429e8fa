"""The results of an experiment for a paper: tables, the methods paragraph and references as LaTeX."""

import re
from collections.abc import Sequence
from pathlib import Path

from keras_suite.reports.export.methods import REFERENCES, methods
from keras_suite.reports.page.tables import overview_rows, verdict_rows
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.tasks.atomic_files import write_text
from keras_suite.tasks.wording.quantities import NONE

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "−": r"\textminus{}",
    "×": r"\texttimes{}",
    "°": r"\textdegree{}",
    "–": "--",
    "\N{NO-BREAK SPACE}": "~",
}
_PAPER = r"""% Compiles as it is: pdflatex paper, bibtex paper, and pdflatex twice; lualatex where names are not Latin.
\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{textcomp, booktabs, graphicx}
\begin{document}
\section*{Methods}
\input{methods}
\section*{Results}
\begin{table}[ht]
  \centering
  \resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{\input{table}}
\end{table}
%(figures)s
\bibliographystyle{plain}
\bibliography{references}
\end{document}
"""


def escape(text: str) -> str:
    """Return text that LaTeX prints as it stands, on one line; a number stays with its unit."""
    one_line = " ".join("".join(c if c.isprintable() else " " for c in text).split(" "))
    escaped = "".join(_SPECIAL.get(character, character) for character in one_line)
    return re.sub(r"(?<=\d) (?=\\%|points)", "~", escaped)


def write_latex(
    numbers: Numbers, origin: Sequence[tuple[str, str]], folder: Path, figures: Sequence[Path]
) -> list[Path]:
    """Write table.tex, methods.tex, references.bib, and paper.tex, which shows them with the figures.

    Args:
        numbers: What is reported.
        origin: (what, value) pairs on where the numbers come from.
        folder: Where the files are written.
        figures: The figures there, as PDF.

    Returns:
        The paths of the files.
    """
    # inner braces: else what follows the first dot of "confusion-l1_0.001" passes for its type
    included = "\n".join(
        rf"\begin{{figure}}[ht]\centering\includegraphics[width=0.7\linewidth]{{{{{path.stem}}}.pdf}}\end{{figure}}"
        for path in figures
    )
    text = methods(numbers, dict(origin))
    cited = [REFERENCES[key] for key in dict.fromkeys(re.findall(r"\[@(\w+)\]", text))]
    texts = {
        "table.tex": tables(numbers),
        "methods.tex": re.sub(r"\s*\[@(\w+)\]", r"~\\cite{\1}", escape_around_citations(text)) + "\n",
        "references.bib": "\n".join(cited),
        "paper.tex": _PAPER.replace("%(figures)s", included),
    }
    for name, each in texts.items():
        write_text(folder / name, each)
    return [folder / name for name in texts]


def escape_around_citations(text: str) -> str:
    """Return the escaped text with its citations, [@key], as they are."""
    return "".join(part if part.startswith("[@") else escape(part) for part in re.split(r"(\[@\w+\])", text))


def tables(numbers: Numbers) -> str:
    """Return the table of the variants with their verdicts; where they have not one baseline, another of the pairs."""
    verdicts = {row["variant"]: row for row in verdict_rows(numbers)} if numbers.one_baseline() else {}
    of_pair = ("difference", "interval", "p", "word")
    headings = ["difference", "interval", "$p$", "verdict"]
    rows = []
    for row in overview_rows(numbers):
        cells = [row["variant"], str(row["n"]), row["score"], row["sd"], row["interval"]]
        if numbers.one_baseline():
            verdict = verdicts.get(row["variant"])
            cells += [str(verdict[key]) for key in of_pair] if verdict else [NONE, NONE, NONE, "baseline"]
        rows.append(cells)
    scores = ["variant", f"{numbers.replicate}s", escape(numbers.metric.score_label), "sd", r"95~\% interval"]
    if numbers.one_baseline():
        return _table([*scores, *headings], rows, "lrrrrrrrl")
    pairs = [
        [row["variant"], row["against"], str(row["n"]), *(str(row[key]) for key in of_pair)]
        for row in verdict_rows(numbers)
    ]
    of_variants = _table(scores, rows, "lrrrr")
    of_pairs = _table(["variant", "against", f"{numbers.replicate}s", *headings], pairs, "llrrrrl")
    return f"\\begin{{tabular}}{{l}}\n{of_variants}\\\\[2ex]\n{of_pairs}\\end{{tabular}}\n"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], columns: str) -> str:
    lines = (
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        " & ".join(headings) + r" \\",
        r"\midrule",
        *(" & ".join(map(escape, row)) + r" \\" for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
    )
    return "\n".join(lines) + "\n"
