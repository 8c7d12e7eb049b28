"""Python as text: what the back end prints parses back to what it meant, in lines that fit."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omegac.backend.build import Placer, located, negated
from omegac.backend.layout import Layout, docstring
from omegac.backend.text import TUPLE, WIDTH, lines_of, literal, text_of
from omegac.source import Source, Span

NAMES = st.sampled_from(["a", "bee", "long_variable_name", "x_2"])
LEAVES = st.one_of(
    NAMES.map(lambda name: ast.Name(name, ast.Load())),
    st.one_of(
        st.integers(min_value=0),
        st.text(max_size=20),
        st.booleans(),
        st.none(),
        st.floats(min_value=0, allow_nan=False, allow_infinity=False),
    ).map(ast.Constant),
)


def compound(inner: st.SearchStrategy[ast.expr]) -> st.SearchStrategy[ast.expr]:
    arithmetic = st.sampled_from([ast.Add(), ast.Sub(), ast.Mult(), ast.Mod()])
    comparison = st.sampled_from([ast.Lt(), ast.GtE(), ast.Eq(), ast.NotEq(), ast.Is(), ast.IsNot()])
    unary = st.sampled_from([ast.Not(), ast.USub(), ast.UAdd()])
    boolean = st.sampled_from([ast.And(), ast.Or()])
    empty = ast.arguments(
        posonlyargs=[], args=[ast.arg("n")], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
    )
    return st.one_of(
        st.builds(ast.BinOp, inner, arithmetic, inner),
        st.builds(lambda left, op, right: ast.Compare(left, [op], [right]), inner, comparison, inner),
        st.builds(ast.UnaryOp, unary, inner),
        st.builds(lambda op, values: ast.BoolOp(op, values), boolean, st.lists(inner, min_size=2, max_size=3)),
        st.builds(ast.IfExp, inner, inner, inner),
        st.builds(lambda body: ast.Lambda(empty, body), inner),
        st.builds(lambda value: ast.Attribute(value, "car", ast.Load()), inner),
        st.builds(lambda value, index: ast.Subscript(value, index, ast.Load()), inner, inner),
        st.builds(lambda items: ast.List(items, ast.Load()), st.lists(inner, max_size=3)),
        st.builds(lambda items: ast.Tuple(items, ast.Load()), st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda function, arguments, value: ast.Call(function, arguments, [ast.keyword("model", value)]),
            inner,
            st.lists(inner, max_size=3),
            inner,
        ),
        st.builds(lambda key, value: ast.Dict([key], [value]), inner, inner),
        st.builds(
            lambda value, source, tests: ast.ListComp(
                value, [ast.comprehension(ast.Name("n", ast.Store()), source, tests, 0)]
            ),
            inner,
            inner,
            st.lists(inner, max_size=1),
        ),
    )


EXPRESSIONS = st.recursive(LEAVES, compound, max_leaves=12)


def parsed(text: str) -> str:
    return ast.dump(ast.parse(text, mode="eval").body)


@given(EXPRESSIONS)
def test_an_expression_parses_back(expression: ast.expr) -> None:
    assert parsed(f"({text_of(expression, TUPLE)})") == ast.dump(expression)


@given(EXPRESSIONS, st.sampled_from([60, 80, WIDTH]))
def test_a_broken_expression_parses_back(expression: ast.expr, margin: int) -> None:
    lines = lines_of(expression, margin, "value = ", "")
    (statement,) = ast.parse("\n".join(lines)).body
    assert isinstance(statement, ast.Assign)
    assert ast.dump(statement.value) == ast.dump(expression)


def test_long_calls_break_at_their_arguments() -> None:
    call = ast.parse(f"result = function({', '.join(f'argument_{i}' for i in range(12))})").body[0]
    layout = Layout()
    layout.statements([call])
    assert layout.lines[0] == "result = function("
    assert all(len(line) <= WIDTH for line in layout.lines)
    assert layout.lines[-1] == ")"


def test_long_comprehensions_break_at_their_parts() -> None:
    source = "found = [function(item, another) for item in elements(first, second) if test(item)]"
    layout = Layout()
    layout.statements(ast.parse(source.replace("second", "s" * 40)).body)
    assert layout.lines == [
        "found = [",
        "    function(item, another)",
        f"    for item in elements(first, {'s' * 40})",
        "    if test(item)",
        "]",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ("both ' and \"", "'both \\' and \"'"),
        ("line\nend", '"line\\nend"'),
        ("back\\slash", '"back\\\\slash"'),
        ("λ é", '"λ é"'),
        ("\ud800", '"\\ud800"'),
        (5, "5"),
        (True, "True"),
    ],
)
def test_literals(value: object, text: str) -> None:
    assert literal(value) == text
    assert ast.literal_eval(text) == value


@pytest.mark.parametrize("text", ["One line.", 'ends with "', "two\nlines", "", 'has """ inside', "tab\there", "a\\b"])
def test_documentation_strings_keep_their_text(text: str) -> None:
    assert ast.literal_eval("\n".join(docstring(text))) == text


def test_statements_know_where_they_come_from() -> None:
    module = ast.parse("if a:\n    b(1)\nelse:\n    c = 2\n")
    (choice,) = module.body
    assert isinstance(choice, ast.If)
    placer = Placer(Source("test.omega", ""))
    around, test, value = (Span(line, 2, line, 5) for line in (1, 2, 3))
    placer.place(choice.test, test)
    placer.place(choice, around)
    (last,) = choice.orelse
    assert isinstance(last, ast.Assign)
    placer.place(last.value, value)
    layout = Layout()
    layout.statements(module.body)
    assert layout.lines == ["if a:", "    b(1)", "else:", "    c = 2"]
    assert layout.places == {1: test, 2: around, 3: around, 4: value}


def test_parts_that_are_taken_out_keep_their_place() -> None:
    (statement,) = ast.parse("a is not b").body
    assert isinstance(statement, ast.Expr)
    placer = Placer(Source("test.omega", "(eq? a b)\n(not (eq? a b))"))
    first, second = Span(1, 1, 1, 9), Span(2, 1, 2, 15)
    placer.place(statement.value, first)
    placer.place(opposite := ast.Expr(negated(statement.value)), second)
    located(ast.Module([opposite], []), placer.lines)
    assert ast.unparse(opposite) == "a is b"
    assert [(each.lineno, each.end_col_offset) for each in ast.walk(opposite) if isinstance(each, ast.Name)] == [
        (1, 9)
    ] * 2
    assert (opposite.lineno, opposite.value.lineno, opposite.end_col_offset) == (2, 2, 15)
