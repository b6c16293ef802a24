"""Could a service move to its other site now, within the time that was promised, and why not.

`subject` is one service with all that is known of it; `sites`, `standing` and `rehearsed` look at
it, each from one side; `judging` puts what they find into a row. `nights` says when hosts are
asked, `desk` does it and keeps the answers, `opening` puts the desk together, `routes` let people
ask.
"""
