"""Shell text, seen just well enough to judge it: commands, their words, the variables in them.

Not an interpreter and no full grammar: POSIX quoting, expansions, command substitution, here
documents, `case` and comments are followed (XCU 2.2–2.10), and bash's `[[`, `<(…)` and `$'…'` do
not derail it. What is not understood is taken for words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from runbooks.reading.blocks import Blocks, Fault
from runbooks.reading.commands import Command, Shell, ShellError, Use, Word

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=", re.ASCII)
MAX_NESTED = 50  #: substitutions within each other; a person loses count far earlier
_SUBSTITUTED = re.compile(r"[<>]\(")  # bash's
_HEREDOC = re.compile(r"<<(-?)(?!<)")
_REDIRECTION = re.compile(r"[<>]+[&|]?")
_PARAMETER = re.compile(r"[#!]?([A-Za-z_]\w*)", re.ASCII)
_ESCAPED = re.compile(r"(?:\\.|[^'\\])*'", re.DOTALL)  # what follows bash's $'
_RESERVED = frozenset(
    ["if", "then", "else", "elif", "fi", "do", "done", "while", "until", "{", "}", "!", "time"]
)
_NAMING = frozenset(["for", "select", "read", "export", "local"])  # their words become variables
_BEFORE_NAMES = {"do": "for", "{": "function"}  # `for x do`; bash's `function f {`
_ENDS_WORD = frozenset(" \t\n;&|<>()")
_SPECIAL = frozenset("0123456789@*#?$!-")


def scan(text: str) -> Shell:
    """The commands and variables of `text`; raises ShellError where a quote or bracket is open."""
    scanner = _Scanner(text)
    scanner.commands("")
    return Shell(tuple(scanner.found), tuple(scanner.uses), frozenset(scanner.assigned))


def _is_open_test(command: Command) -> bool:
    """Whether this is within bash's `[[`, where && and < belong to the test."""
    words = command.words
    return bool(words) and words[0].literal == "[[" and words[-1].literal != "]]"


@dataclass(slots=True)
class _Heredoc:
    delimiter: str
    literal: bool
    strip_tabs: bool
    command: Command


class _Scanner:
    """Reads from `at` on; every method leaves `at` behind what it has read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: list[Command] = []
        self.uses: list[Use] = []
        self.assigned: set[str] = set()
        self.heredocs: list[_Heredoc] = []
        self.in_backticks = False
        self.depth = 0

    # ── commands ──

    def commands(self, end: str) -> None:
        """Read commands up to `end`: "" is the end of the text, else ")" or "`"."""
        with self._deeper():
            self._commands(end)

    def _commands(self, end: str) -> None:  # noqa: PLR0912 - one branch a metacharacter
        opened = self.at
        command = self._begin()
        blocks = Blocks()
        cases: list[str] = []  # of each open `case`: "subject", "pattern" or "body"
        while True:
            self._skip_blanks()
            char = self._peek()
            if not char:
                if end:
                    raise self._error(opened, f"what is opened here is not closed by {end}")
                self._refuse(blocks.left_open())
                return
            if char in "&|()<>" and _is_open_test(command):
                self.at += 1
            elif char == ")" and cases and cases[-1] == "pattern":
                cases[-1] = "body"
                self.at += 1
                command = self._begin()
            elif char == end:
                self._refuse(blocks.left_open())
                self.at += 1
                return
            elif char == "\n":
                self.at += 1
                self._read_heredocs()
                command = self._begin()
            elif char in ";&|":
                if self.text.startswith(";;", self.at) and cases:
                    cases[-1] = "pattern"
                    self.at += 1
                self.at += 1
                command = self._begin()
            elif char == "(":
                self.at += 1
                if not (cases and cases[-1] == "pattern"):
                    self.commands(")")
                    command = self._begin()
            elif char == ")":
                raise self._error(self.at, "a ) that nothing opens", "remove it, or open it")
            elif char == "`" and self.in_backticks:
                raise self._error(opened, f"what is opened here is not closed by {end}")
            elif char in "<>":
                self._redirection(command)
            else:
                command = self._word_of(command, cases, blocks)

    def _begin(self) -> Command:
        command = Command(self._line(self.at))
        self.found.append(command)
        return command

    def _word_of(self, command: Command, cases: list[str], blocks: Blocks) -> Command:
        """Read a word into `command`, or what it does to the command's structure."""
        start = self.at
        word = self._word()
        plain = not word.uses
        if cases and cases[-1] == "pattern" and word.literal != "esac":
            return command
        written = self.text[start : self.at]  # in quotes it is a command's name
        after_name = [each.literal for each in command.words[:-1]] == [_BEFORE_NAMES.get(written)]
        if not command.words or after_name:
            self._refuse(blocks.meet(written, start))
        if after_name:
            return self._begin()
        if not command.words and plain:
            if word.literal == "case":
                cases.append("subject")
            elif word.literal == "esac" and cases:
                cases.pop()
                return command
            elif word.literal in _RESERVED:
                return command
        if plain and word.literal == "in" and cases and cases[-1] == "subject":
            cases[-1] = "pattern"
            return self._begin()
        if assigned := _ASSIGNMENT.match(word.literal):
            self.assigned.add(assigned[0].rstrip("+="))
        elif command.words and command.words[0].literal in _NAMING:
            self.assigned.add(word.literal)
        command.words.append(word)
        return command

    def _redirection(self, command: Command) -> None:
        if _SUBSTITUTED.match(self.text, self.at):
            self.at += 2
            self.commands(")")
            return
        heredoc = _HEREDOC.match(self.text, self.at)
        operator = heredoc or _REDIRECTION.match(self.text, self.at)
        assert operator  # a < or a > is there
        self.at = operator.end()
        self._skip_blanks()
        start = self.at
        target = self._word()
        if operator[0] == "<<<":
            command.fed += target.uses
        if heredoc:
            written = self.text[start : self.at]
            quoted = any(char in written for char in "'\"\\")
            self.heredocs.append(_Heredoc(target.literal, quoted, bool(heredoc[1]), command))

    def _read_heredocs(self) -> None:
        waiting, self.heredocs = self.heredocs, []
        for heredoc in waiting:
            end = self._end_of(heredoc)
            if not heredoc.literal:
                before = len(self.uses)
                self._body(end)
                heredoc.command.fed += self.uses[before:]
            line_end = self.text.find("\n", end)
            self.at = len(self.text) if line_end < 0 else line_end + 1

    def _end_of(self, heredoc: _Heredoc) -> int:
        """Where the line with the delimiter begins."""
        at = self.at
        while at < len(self.text):
            line_end = self.text.find("\n", at)
            line_end = len(self.text) if line_end < 0 else line_end
            line = self.text[at:line_end]
            if (line.lstrip("\t") if heredoc.strip_tabs else line) == heredoc.delimiter:
                return at
            at = line_end + 1
        raise self._error(self.at - 1, f"a here document without its {heredoc.delimiter}")

    def _body(self, end: int) -> None:
        while self.at < end:
            char = self._peek()
            if char == "\\":
                self.at += 2
            elif char == "$":
                self._expansion(Word(0), quoted=True, where="heredoc")
            elif char == "`":
                self._backticks(Word(0))
            else:
                self.at += 1

    # ── words ──

    def _word(self) -> Word:
        word = Word(self._line(self.at))
        while (char := self._peek()) and char not in _ENDS_WORD:
            if char == "\\":
                if self.text[self.at + 1 : self.at + 2] != "\n":
                    word.add(self.text[self.at + 1 : self.at + 2])
                self.at += 2
            elif char == "'":
                self._single_quoted(word)
            elif char == '"':
                self._double_quoted(word)
            elif char == "$":
                self._expansion(word, quoted=False)
            elif char == "`":
                if self.in_backticks:
                    break
                self._backticks(word)
            else:
                self.at += 1
                word.add(char)
        return word

    def _backticks(self, word: Word) -> None:
        word.open = False
        self.at += 1
        self.in_backticks = True
        try:
            self.commands("`")
        finally:
            self.in_backticks = False

    def _single_quoted(self, word: Word) -> None:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise self._error(self.at, "a ' that is not closed")
        word.add(self.text[self.at + 1 : end])
        self.at = end + 1

    def _double_quoted(self, word: Word) -> None:
        opened = self.at
        self.at += 1
        while (char := self._peek()) != '"':
            if not char:
                raise self._error(opened, 'a " that is not closed')
            if char == "\\":
                word.add(self.text[self.at + 1 : self.at + 2])
                self.at += 2
            elif char == "$":
                self._expansion(word, quoted=True)
            elif char == "`" and not self.in_backticks:
                self._backticks(word)
            else:
                self.at += 1
                word.add(char)
        self.at += 1

    def _expansion(
        self, word: Word, *, quoted: bool, where: Literal["word", "heredoc"] = "word"
    ) -> None:
        """What a $ begins."""
        opened = self.at
        self.at += 1
        with self._deeper():
            self._expanded(word, opened, quoted=quoted, where=where)

    def _expanded(
        self, word: Word, opened: int, *, quoted: bool, where: Literal["word", "heredoc"]
    ) -> None:
        if self.text.startswith("((", self.at):
            self._arithmetic(word)
        elif self._peek() == "(":
            word.open = False
            self.at += 1
            self.commands(")")
        elif self._peek() == "{":
            self._braces(word, opened, quoted, where)
        elif name := _NAME.match(self.text, self.at):
            self._use(word, Use(name[0], self._line(opened), quoted, where))
            self.at = name.end()
        elif self._peek() == "'" and not quoted:  # bash's $'…'
            ends = _ESCAPED.match(self.text, self.at + 1)
            if ends is None:
                raise self._error(opened, "a $' that is not closed")
            word.add(ends[0][:-1])
            self.at = ends.end()
        else:  # $1, $@, $?, or a $ that is only a $
            word.open = False
            self.at += self._peek() in _SPECIAL

    def _use(self, word: Word, use: Use) -> None:
        word.expand(use)
        self.uses.append(use)

    def _arithmetic(self, word: Word) -> None:
        end, depth = self.at, 0
        while end < len(self.text):
            depth += {"(": 1, ")": -1}.get(self.text[end], 0)
            end += 1
            if depth == 0:
                break
        if depth:
            raise self._error(self.at, "a (( that is not closed")
        for name in _NAME.finditer(self.text, self.at, end):
            self._use(word, Use(name[0], self._line(name.start()), True, "arithmetic"))
        self.at = end

    def _braces(
        self, word: Word, opened: int, quoted: bool, where: Literal["word", "heredoc"]
    ) -> None:
        self.at += 1
        if name := _PARAMETER.match(self.text, self.at):
            self._use(word, Use(name[1], self._line(opened), quoted, where))
            self.at = name.end()
        word.open = False
        inner = Word(self._line(self.at))
        while (char := self._peek()) != "}":
            if not char:
                raise self._error(opened, "a ${ that is not closed")
            if char == "\\":
                self.at += 2
            elif char == "$":
                self._expansion(inner, quoted=quoted, where=where)
            elif char == '"':
                self._double_quoted(inner)
            elif char == "'" and not quoted:
                self._single_quoted(inner)
            else:
                self.at += 1
        word.uses += inner.uses
        self.at += 1

    # ── characters ──

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > MAX_NESTED:
            raise self._error(self.at, f"nested more than {MAX_NESTED} deep", "make steps of it")
        yield
        self.depth -= 1

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip_blanks(self) -> None:
        """Blanks, continued lines and comments."""
        while char := self._peek():
            if char in " \t":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at)

    def _refuse(self, fault: Fault | None) -> None:
        if fault is not None:
            raise self._error(fault.at, fault.what, fault.todo)

    def _error(self, at: int, what: str, todo: str = "close it") -> ShellError:
        return ShellError(self._line(at), what, todo)
