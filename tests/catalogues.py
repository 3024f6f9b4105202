"""The catalogues of ``locale/`` and the messages in the code: ``./run words`` brings them together.

German holds every message, the other languages what residents read. What has no translation yet
stands in the catalogue with an empty one; what the code no longer says is left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from hatch_build import compile_catalogues

from welcomemap.wording import PAGE_LANGUAGES

SOURCE = Path(__file__).parents[1] / "src" / "welcomemap"
FOLDER = SOURCE / "locale"
OF_RESIDENTS = ("translate", "mark")
OF_ALL = (*OF_RESIDENTS, "say", "say_as", "say_counted")
COMPLETE = "de"
CODES = tuple(code for code in PAGE_LANGUAGES if code != "en")
TOLD = ("{what}.", "{what}. {how}", "{what} ({where}).", "{what} ({where}). {how}")
"""How a fault, its place and the way to mend it are put together."""
HEADER = """# Messages of welcomemap; `./run words` writes this file anew, translations stay.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def list_calls(names: Sequence[str]) -> Iterator[tuple[str, ast.Call, str]]:
    """Give every call that holds a message, with its file and the name of what is called.

    Babel's own extractor finds none inside the arguments of another.
    """
    for path in sorted(SOURCE.rglob("*.py")):
        nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8")))
                 if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]  # fmt: skip
        for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
            is_constant = node.args and isinstance(node.args[0], ast.Constant)
            if is_constant and node.func.id in names:  # type: ignore[attr-defined]
                yield str(path.relative_to(SOURCE)), node, node.func.id  # type: ignore[attr-defined]


FAULT = re.compile(r"_?[A-Z]\w*(Error|Warning)|_?fault|_fetched_error")
"""What is called with the words of a fault, and with those that mend it as ``how``."""


def list_faults() -> Iterator[tuple[str, ast.Call, str]]:
    """Give every call that makes a fault of this program, with its file and the words in it."""
    for path in sorted(SOURCE.rglob("*.py")):
        for call in list_fault_calls(ast.parse(path.read_text("utf-8"))):
            yield str(path.relative_to(SOURCE)), call, call.func.id  # type: ignore[attr-defined]


def list_fault_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Give every call in a file that makes a fault of this program."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            name = call.func.id
            if FAULT.fullmatch(name) and (name in list_own_classes() or "fault" in name):
                yield call


@cache
def list_own_classes() -> frozenset[str]:
    """Return the names of this program's classes; errors of other libraries are not worded."""
    trees = (ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py"))
    return frozenset(
        node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    )


def list_fault_words(call: ast.Call) -> list[str]:
    """Return the words that a call gives a fault: what is wrong and how to mend it."""
    how = [keyword.value for keyword in call.keywords if keyword.arg == "how"]
    told = [one for one in call.args if isinstance(one, ast.Constant)][:1]
    words = [one.value for one in (*told, *how) if isinstance(one, ast.Constant)]
    return [one for one in words if isinstance(one, str) and one]


def read_message(call: ast.Call, name: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the context of a call's message, and its texts: for one, for several."""
    texts = tuple(str(one.value) for one in call.args if isinstance(one, ast.Constant))
    return (texts[0], texts[1:]) if name == "say_as" else (None, texts)


def list_messages(code: str) -> Iterator[tuple[str | None, str | tuple[str, ...], str]]:
    """Give context, message and file of everything that a catalogue holds."""
    for file, call, name in list_calls(OF_ALL if code == COMPLETE else OF_RESIDENTS):
        context, texts = read_message(call, name)
        yield context, texts[0] if len(texts) == 1 else texts, f"welcomemap/{file}"
    if code == COMPLETE:
        for file, call, _ in list_faults():
            for words in list_fault_words(call):
                yield None, words, f"welcomemap/{file}"
        for words in TOLD:
            yield None, words, "welcomemap/errors.py"


def read_catalogue(code: str) -> Catalog:
    """Read a language's catalogue as it stands."""
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=PAGE_LANGUAGES[code].locale)


def renew(code: str) -> bytes:
    """Return the catalogue of a language with the messages of today, by file."""
    old = read_catalogue(code)
    new = Catalog(locale=PAGE_LANGUAGES[code].locale)
    for context, message, file in list_messages(code):
        key = message if isinstance(message, str) else message[0]
        known = old.get(key, context)
        is_same = known is not None and isinstance(known.id, str) is isinstance(message, str)
        said, comments = (known.string, known.user_comments) if known and is_same else ("", ())
        new.add(message, said, [(file, None)], user_comments=comments, context=context)
    for entry in new:
        entry.locations = sorted(set(entry.locations))
    text = BytesIO()
    write_po(text, new, width=100, omit_header=True, sort_by_file=True, include_lineno=False)
    # What a language's plural forms are said to be changes with Babel; the file keeps its own.
    header = HEADER.format(language=PAGE_LANGUAGES[code].locale, plural=old.plural_forms)
    return header.encode() + text.getvalue()


if __name__ == "__main__":
    for name in CODES:
        (FOLDER / f"{name}.po").write_bytes(renew(name))
    compile_catalogues(FOLDER)
