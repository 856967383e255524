"""Named columns out of a CSV file that somebody else made, with one clear line for what is wrong.

Comma, semicolon or tab; UTF-8 with or without byte-order mark; column names in any case. Cells
come back as text, stripped: what they mean is the caller's business.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from agents.errors import InputError

MAX_BYTES: Final = 200_000_000
_DELIMITERS: Final = ",;\t"


@dataclass(frozen=True)
class CsvTable:
    """The rows of a file, reduced to the columns asked for.

    Attributes:
        path: where it was read.
        lines: line number of each row in the file, the header being line 1.
        cells: one list of texts a row, in the order of the columns asked for.
        labels: text of the first label column present, else "line N".
    """

    path: Path
    lines: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]


def read_rows(
    path: Path | str,
    columns: Sequence[str],
    labels: Sequence[str] = (),
    rivals: Mapping[str, Sequence[str]] | None = None,
) -> CsvTable:
    """Read the given columns of a CSV file with a header line.

    Args:
        path: the file.
        columns: names that must be there, lower case.
        labels: names of columns that may label a row, the first present is used.
        rivals: other sets of columns by name; if the file has one of them instead, the message
            about missing columns says so.

    Raises:
        InputError: no such file, not a regular file, over 200 MB, unreadable, not UTF-8, empty,
            no rows, columns missing or twice, a row of another length than the header.
    """
    file = Path(path)
    _check_file(file)
    return _table(
        file, lambda: file.open(encoding="utf-8-sig", newline=""), columns, labels, rivals or {}
    )


def rows_from(path: Path, content: bytes, columns: Sequence[str]) -> CsvTable:
    """The same out of bytes that were read before; `path` is where, for messages.

    Raises:
        InputError: as `read_rows`.
    """
    if not content:
        raise _empty(path)
    bytes_ = io.BytesIO(content)
    return _table(path, lambda: io.TextIOWrapper(bytes_, "utf-8-sig", newline=""), columns, (), {})


def _table(
    file: Path,
    opened: Callable[[], IO[str]],
    columns: Sequence[str],
    labels: Sequence[str],
    rivals: Mapping[str, Sequence[str]],
) -> CsvTable:
    try:
        with opened() as stream:
            return _read(file, stream, columns, labels, rivals)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file}: not UTF-8 text (from position {error.start} of its block on); save it again "
            "as 'CSV UTF-8'"
        ) from None
    except csv.Error as error:
        raise InputError(f"{file}: not a CSV table ({error}); save it again as CSV") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); check the path") from None


def shown(text: str, limit: int = 40) -> str:
    """Make a text from outside safe to print: unprintable characters escaped, cut at a limit."""
    plain = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[: limit + 1])
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def _check_file(file: Path) -> None:
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        raise InputError(f"{file}: no such file; give the path of a CSV file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({error}); check the path") from None
    if file.is_dir():
        raise InputError(f"{file}: is a directory; give the path of a CSV file")
    if not file.is_file():
        raise InputError(f"{file}: is not a regular file; save the table as a CSV file first")
    if size == 0:
        raise _empty(file)
    if size > MAX_BYTES:
        raise InputError(
            f"{file}: {size / 1e6:.0f} MB, more than {MAX_BYTES / 1e6:.0f} MB; "
            "keep only the columns that are needed"
        )


def _empty(file: Path) -> InputError:
    return InputError(f"{file}: the file is empty; it needs a header line and one row a person")


def _read(
    file: Path,
    stream: IO[str],
    columns: Sequence[str],
    labels: Sequence[str],
    rivals: Mapping[str, Sequence[str]],
) -> CsvTable:
    first = stream.readline()
    stream.seek(0)
    reader = csv.reader(stream, delimiter=max(_DELIMITERS, key=first.count))
    header = [name.strip().lower() for name in next(reader, [])]
    _check_header(file, header, columns, rivals)
    places = [header.index(name) for name in columns]
    label = next((header.index(name) for name in labels if name in header), None)
    lines, cells, names = [], [], []
    for row in reader:
        if not row:
            continue
        if len(row) != len(header):
            raise InputError(
                f"{file}, line {reader.line_num}: {len(row)} cells under a header of "
                f"{len(header)}; every row needs one cell a column"
            )
        lines.append(reader.line_num)
        cells.append(tuple(row[place].strip() for place in places))
        names.append(f"line {reader.line_num}" if label is None else row[label].strip())
    if not lines:
        raise InputError(f"{file}: a header but no rows; it needs one row a person")
    return CsvTable(file, tuple(lines), tuple(cells), tuple(names))


def _check_header(
    file: Path, header: Sequence[str], columns: Sequence[str], rivals: Mapping[str, Sequence[str]]
) -> None:
    lacking = [name for name in columns if name not in header]
    if lacking:
        other = [name for name, names in rivals.items() if set(names) <= set(header)]
        # A file without any of these columns may be anything: nothing of it is shown.
        known = len(lacking) < len(set(columns))
        hint = f"; it begins with {_some(header)}" if known else ", nor any other of such a table"
        hint = f"; it has those of {other[0]}" if other else hint
        raise InputError(f"{file}: no column {_some(lacking)}{hint}")
    twice = [name for name in columns if header.count(name) > 1]
    if twice:
        raise InputError(f"{file}: column {_some(twice)} stands there more than once; keep one")


def _some(names: Sequence[str], most: int = 8) -> str:
    text = ", ".join(shown(name) or "(blank)" for name in names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most} more"
