"""The dashboard: a community in the browser, live or from disk.

`app` is the page; `story` reads a run by day, `driver` lets a community live in the background,
`session` is one browser session's own. Everything else is one panel a file: what it shows is put
together by plain functions (`scene`, `deeds`, `board`, `charts`), and shown by a Solara component
beside them. Texts that minds wrote are shown as text, never as markup.
"""
