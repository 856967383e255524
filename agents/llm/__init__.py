"""The machinery under a mind of language: ask a model, once, durably, within its limits.

Nothing here knows what a prompt says or what a reply means: `caller.Caller` takes a `Call`
(parts of a prompt, a schema, how to read the reply) and gives a `CallVerdict`. Around the one HTTP
request stand, each in a file of its own: the event loop (`loop`), the client (`client`), the
limiter (`limiter`), the retry (`retry`, `causes`), the probe (`probe`), the journal (`journal`)
and the accounts (`spending`).

Nothing heavy is imported here, so that a run without a language model never loads a client.
"""
