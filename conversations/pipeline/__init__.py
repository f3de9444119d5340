"""The life of an append: accept, submit, poll, sync, and what a person decides when it is stuck.

An append is not idempotent at the API and a lost answer cannot be looked up. So the
row says `submitting` before a socket opens, and never goes back without proof that
nothing was sent.
"""
