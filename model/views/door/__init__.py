"""The guard before the dashboard: who may come in, with what, and what a browser may do with it.

A loopback address is no wall: every page that is open in the user's browser can send requests to
it, and so can every user of the machine. `addresses` reads hosts and origins, `settings` what is
declared at the start, `paths` the path and query of a request. `admission` decides by a request's
headers, `token` by its secret. `pages` writes headers and the plain page, `guard` is the ASGI
middleware that applies all of it, `install` puts it before Solara, and `quiet` keeps Solara from
asking other hosts.
"""
