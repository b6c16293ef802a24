"""The console: one person at one terminal or browser, looking at one watch.

From the top down, and none knows one above it or beside it:

    opening              a console is opened, on a terminal or for a browser
    window | files       Textual and the session in it | settings and screens that are kept
    session | asking     what one person sees and wants | the watch, asked over its socket
    keys | desks         what a key comes to | what is known and asked beside the board
    prompts              what is typed: a line, a command, a form
    journey              where the person is, and what they want of their own console
    requests | terminal  what is asked of the world, and told | bytes to a terminal, and back
    preferences          what a person wrote for their console

These files import nothing: a first page stands before most of it is loaded.
"""
