# The frame of whatever twinwatch runs on a host for a run: how it answers, and how it is told what a
# person or a runbook said, which is never a part of it: on stdin.
#
# $text is this file and those that the verb needs (protocol.py), so that it can start itself again;
# $1 is the nonce, $2 the verb, $3 the attempt, then come the verb's own arguments. It says one line
# that begins with the nonce; replies.py reads it.
#
# Constant text for any POSIX shell, that any login shell passes on: without backslash pairs, which
# fish halves in quotes, and without a ! that more than a blank, = or ( follows, which is csh's
# history. Comments, on lines of their own or after two blanks, stay at home.
set +a -u
nonce=$1 verb=$2 id=$3
shift 3
case :$PATH in
*:/usr/sbin:/usr/bin:/sbin:/bin) ;;
*) PATH=$PATH:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin ;;
esac
root=${TWINWATCH_ROOT:-}
case $root in ?*) PATH=$root/bin:$PATH ;; esac
LC_ALL=C
export PATH LC_ALL
# What the environment has stays there, and would carry a secret on.
unset ENV secrets taken line script count
newline='
'

say() { printf '\n%s %s\n' "$nonce" "$*"; }
refuse() {
  say "error=$*"
  exit 1
}

# Whether this shell gives a secret to the next one unseen: by a printf of its own, and by
# descriptor 3, which mksh keeps from what it starts.
sealed() {
  [ "$(command -v printf)" = printf ] && (exec 3</dev/null; exec sh -c ': <&3') 2>/dev/null
}

# On stdin: how many lines, and the lines. Secrets come so: they are in this shell's memory and in
# pipes, nowhere else. read takes no byte too many, as busybox's head would.
take() {
  taken=
  IFS= read -r count || return 1
  while [ "$count" -gt 0 ]; do
    IFS= read -r line || return 1
    taken=$taken$line$newline count=$((count - 1))
  done
}
