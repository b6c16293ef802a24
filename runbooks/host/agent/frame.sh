# The frame of whatever twinwatch runs on a host for a run: how it is called, how it answers, and how
# it is told secrets. Constant text for any POSIX shell, without backslash pairs, which fish would
# halve in quotes; comments, which stand on lines of their own or after two blanks, stay at home.
#
#     sh -c 'eval "$1"' twinwatch TEXT NONCE VERB ID ARGUMENT...
#
# TEXT is this file and those that VERB needs (protocol.py); given, so that it can start itself
# again. No value is ever spliced into it: what a person or a runbook said comes on stdin. It says
# one line that begins with the nonce; replies.py reads it.
set -u
text=$1 nonce=$2 verb=$3 id=$4
shift 4
case :$PATH in
*:/usr/sbin:/usr/bin:/sbin:/bin) ;;
*) PATH=$PATH:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin ;;
esac
root=${TWINWATCH_ROOT:-}
case $root in ?*) PATH=$root/bin:$PATH ;; esac
LC_ALL=C
export PATH LC_ALL
unset ENV
newline='
'

say() { printf '\n%s %s\n' "$nonce" "$*"; }
refuse() {
  say "error=$*"
  exit 1
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
