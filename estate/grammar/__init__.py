"""The estate file, key by key: which there are, what each may hold, which value it becomes.

Begin with `whole`. docs/estate.md explains the keys to operators; `estate.schema` to editors.
"""
