"""A runbook's text → a `Runbook`, or everything that is wrong with it.

Begin with `file`; `whole` and `steps` say which keys there are, `lint` what must hold between
them. docs/runbooks.md explains the keys to authors; its reference is made from `schema`.
"""
