"""Texts that a page must show and never obey; each would leave `window.obeyed` if obeyed."""

HOSTILE = (
    "<script>window.obeyed = 1</script>",
    '<img src="x" onerror="window.obeyed = 2">',
    "{{ window.obeyed = 3 }} {{ 7 * 7 }}",
    "{{ constructor.constructor('window.obeyed = 4')() }}",
    "[click](javascript:window.obeyed=5) ![x](http://198.51.100.7/x.png)",
    "</textarea></script><svg onload=window.obeyed=6>",
    "right \u202eto left\u202c and \u2066isolated\u2069",
    "red \x1b[31mterminal\x1b[0m bell \x07 null \x00 end",
    "$\\frac{1}{0}$ `code` # heading * list",
    "long " + "abcdefghij" * 1000,
)
