"""Templates: what is allowed works, everything else is refused fast, with its line."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.templates import OUTPUT_LIMIT, Hole, TemplateError, compile_template


def render(source: str, **values: object) -> str:
    return compile_template(source).render(values)


def refusal(source: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        compile_template(source)
    return caught.value


def test_placeholders_conditions_and_loops_work() -> None:
    source = "{% if locale == 'en' %}Dear{% elif variant in ('a', 'b') %}A{% else %}您好{% endif %} {{ name }}: "
    source += "{% for item in items %}{{ item.title }}={{ item.amount }};{% endfor %}"
    items = [{"title": "租房", "amount": 10}, {"title": "创业", "amount": 2.5}]
    assert render(source, locale="en", variant="", name="张三", items=items) == "Dear 张三: 租房=10;创业=2.5;"
    assert render(source, locale="zh", variant="b", name="x", items=[]) == "A x: "
    assert render(source, locale="zh", variant="c", name="x", items=[]) == "您好 x: "


def test_not_and_or_and_unequal_work() -> None:
    source = "{% if not (locale == 'en') and (variant != 'a' or locale not in ['zh', 'yue']) %}1{% else %}0{% endif %}"
    assert [render(source, locale=x, variant=y) for x, y in [("en", "b"), ("zh", "b"), ("zh", "a"), ("ug", "a")]] == [
        "0",
        "1",
        "0",
        "1",
    ]


def test_a_recipients_values_are_left_open() -> None:
    template = compile_template("{{ name }},{{ title }} {{ link }}")
    assert template.segments({"title": "通知"}) == ("", Hole("name", 1), ",通知 ", Hole("link", 1), "")
    assert (template.names, template.holes) == ({"title"}, {"name", "link"})


def test_html_values_are_escaped_and_the_template_is_not() -> None:
    page = compile_template('<b title="{{ title }}">{{ title }}</b>')
    assert (
        page.render({"title": "<\"'&>"}, html=True)
        == '<b title="&lt;&quot;&#x27;&amp;&gt;">&lt;&quot;&#x27;&amp;&gt;</b>'
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ x.__class__.__mro__ }}",
        "{{ _x }}",
        "{{ x['__class__'] }}",
        "{{ x|attr('__class__') }}",
        "{{ x|upper }}",
        "{{ x() }}",
        "{{ 7 * 7 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ -x }}",
        "{{ a ~ b }}",
        "{{ 'text' }}",
        "{{ [1] }}",
        "{{ 1 if locale == 'en' else 2 }}",
        "{{ x is defined }}",
        "{{ a, b }}",
        "{% for i in range(10) %}{% endfor %}",
        "{% for i in 5 %}{% endfor %}",
        "{% for i in 'abc' %}{% endfor %}",
        "{% for i in [1, 2] %}{% endfor %}",
        "{% for i in items|list %}{% endfor %}",
        "{% for i in items if i.x %}{% endfor %}",
        "{% for i in items recursive %}{% endfor %}",
        "{% for i in items %}{% else %}x{% endfor %}",
        "{% for i, j in items %}{% endfor %}",
        "{% for i in name %}{% endfor %}",
        "{% for name in items %}{% endfor %}",
        "{% for locale in items %}{% endfor %}",
        "{% for __x in items %}{% endfor %}",
        "{% for a in items %}{% for b in items %}{% endfor %}{% endfor %}",
        "{% if name == 'x' %}{% endif %}",
        "{% if locale %}{% endif %}",
        "{% if locale == variant %}{% endif %}",
        "{% if locale == 1 %}{% endif %}",
        "{% if locale < 'x' %}{% endif %}",
        "{% if 'a' in locale %}{% endif %}",
        "{% if locale == 'a' == 'b' %}{% endif %}",
        "{% if item.locale == 'a' %}{% endif %}",
        "{{ name.first }}",
        "{% set x = 1 %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% block x %}{% endblock %}",
        "{% macro x() %}{% endmacro %}",
        "{% call x() %}{% endcall %}",
        "{% filter upper %}{% endfilter %}",
        "{% with x = 1 %}{% endwith %}",
    ],
)
def test_everything_else_is_forbidden_with_its_line(source: str) -> None:
    error = refusal("一行\n" + source)
    assert error.code == "forbidden"
    assert error.place == 2
    assert error.sentence


@pytest.mark.parametrize("source", ["{{ a", "{% if %}", "{% endif %}", "{% debug %}", "{{ a b }}", "{% for %}"])
def test_a_broken_template_names_its_line(source: str) -> None:
    error = refusal("\n\n" + source)
    assert (error.code, error.place) == ("syntax", 3)


# Made by the test that needs it: as parameters they would be kept, and written out in the names of the tests.
HOSTILE: dict[str, tuple[Callable[[], str], str]] = {
    "a hundred megabytes": (lambda: "x" * 100_000_000, "too_large"),
    "few characters of many bytes": (lambda: "长" * 22_000, "too_large"),
    "many placeholders": (lambda: "{{ a }}" * 2001, "too_large"),
    "many tags": (lambda: "{%" * 30_000, "too_large"),
    "deep brackets": (lambda: "{{ " + "(" * 30_000 + "a" + ")" * 30_000 + " }}", "too_deep"),
    "open brackets": (lambda: "{{ " + "[" * 60_000 + " }}", "too_deep"),
    "many nots": (lambda: "{{ " + "not " * 15_000 + "a }}", "too_deep"),
    "many dots": (lambda: "{{ a" + ".b" * 30_000 + " }}", "too_deep"),
    "deep conditions": (lambda: "{% if locale == 'a' %}" * 20 + "{% endif %}" * 20, "too_deep"),
    "very deep conditions": (lambda: "{% if locale == 'a' %}" * 990 + "{% endif %}" * 990, "too_deep"),
    "a long condition": (lambda: "{% if " + "locale == 'a' or " * 3000 + "locale == 'a' %}{% endif %}", "too_deep"),
    "a long number": (lambda: "{{ " + "9" * 60_000 + " }}", "syntax"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_a_hostile_template_is_refused_at_once(name: str) -> None:
    make, code = HOSTILE[name]
    assert refusal(make()).code == code


class Unread(str):
    """A text that nobody may read: it is known by its size alone."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1_000_000_000

    def encode(self, *_: object, **__: object) -> bytes:
        raise AssertionError("a gigabyte was copied")


def test_a_gigabyte_is_refused_by_its_size_alone() -> None:
    assert refusal(Unread()).code == "too_large"


def test_output_is_bounded() -> None:
    template = compile_template("{% for i in items %}" + "x" * 60_000 + "{% endfor %}")
    with pytest.raises(TemplateError, match=str(OUTPUT_LIMIT)):
        template.render({"items": [1] * 1000})
    with pytest.raises(TemplateError, match="at most 1000"):
        template.render({"items": [1] * 1001})


def test_a_missing_or_odd_value_is_named_with_its_line() -> None:
    template = compile_template("\n{{ item.title }}")
    for values, code in [
        ({}, "missing_value"),
        ({"item": {"title": None}}, "bad_value"),
        ({"item": "x"}, "missing_value"),
    ]:
        with pytest.raises(TemplateError, match=r"item\.title") as caught:
            template.render(values)
        assert (caught.value.code, caught.value.place) == (code, 2)


def test_values_are_looked_up_in_mappings_only() -> None:
    with pytest.raises(TemplateError, match="no value"):
        render("{{ x.real }}", x=1)


def verdict(source: str) -> str:
    try:
        compile_template(source)
    except TemplateError as exc:
        return exc.code
    return "fine"


@given(st.text(alphabet=string.printable + "{}%#租房", max_size=300))
def test_any_source_compiles_or_is_refused(source: str) -> None:
    assert verdict(source) in ("fine", "forbidden", "syntax", "too_deep", "too_large")


@given(st.dictionaries(st.sampled_from(["title", "amount"]), st.text(), min_size=2))
def test_a_value_is_never_read_as_a_template(values: dict[str, str]) -> None:
    assert render("{{ title }}|{{ amount }}", **values) == f"{values['title']}|{values['amount']}"
