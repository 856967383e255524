"""Functions are short enough to be read at once."""

from tests.house.source import docstring_of, functions, name_of, product_files, tree_of

LONGEST = 60


def body_lines(function):
    """Lines of a function below its signature and its docstring."""
    first = function.body[1 if docstring_of(function) and len(function.body) > 1 else 0]
    return function.end_lineno - first.lineno + 1


def test_no_body_is_longer_than_60_lines():
    long = {
        f"{name_of(path)}:{one.name}": body_lines(one)
        for path in product_files()
        for one in functions(tree_of(path))
        if body_lines(one) > LONGEST
    }
    assert not long, f"{long}: shorten it"
