"""A page whose author trusted a text: served by `serve.py`, to see what the guard still stops."""

import solara

from model.views.door.install import install, require

HOSTILE = (
    "<img src=x onerror=\"document.title='run'\">"
    "<script>document.title='run'</script>"
    "<a href=\"javascript:document.title='run'\">a link</a>"
    '<iframe src="https://evil.example/"></iframe>'
    '<form action="https://evil.example/"><button>send</button></form>'
    '<img src="https://evil.example/picture">'
)

install()


@solara.component
def Page() -> None:
    solara.use_memo(require, [])
    pressed, set_pressed = solara.use_state(0)
    solara.Markdown(HOSTILE)
    solara.HTML(unsafe_innerHTML=HOSTILE)
    solara.Button(f"pressed {pressed}", on_click=lambda: set_pressed(pressed + 1))
