# A check: runs a script that changes nothing, as long as somebody listens. $1 is its deadline in
# seconds, $2 its size, $3 how much of its output is wanted, in bytes; on stdin secrets, then the
# script. Nothing is written on the host: a full disk can be asked how full it is.
#
# Its output follows the line; how it ended is said on stderr, which no script can reach.
take && secrets=$taken || refuse cut
[ -z "$secrets" ] || sealed || refuse shell
script=$(head -c "$2"; echo .) script=${script%.}
# Not all shells count bytes; wc does, and costs a process.
[ "${#script}" = "$2" ] || [ "$(printf %s "$script" | wc -c)" -eq "$2" ] || refuse cut
say check=begins
# A group, unless it has not come so far as to be one.
end() { kill -KILL "-$1" || kill -KILL "$1"; } 2>/dev/null
# Its output on stdout; on 5 a line if the time is over, then its status.
inquire() {
  exec 3<&0 </dev/null
  printf %s "$script" |
    setsid sh -c 'script=$(cat; echo .); exec </dev/null; eval "${script%.}"' 2>&1 4>&- 5>&- &
  child=$!
  # Where nobody listens any more, telling so must not end it before it has killed.
  strike='trap "" PIPE; sleep "$1" 5>&-; echo late >&5; kill -KILL "-$2"'
  setsid sh -c "$strike" twinwatch "$1" "$child" >/dev/null 2>&1 3<&- 4>&- &
  clock=$!
  wait "$child"
  rc=$?
  end "$clock"
  end "$child"
  echo "$rc" >&5
}
exec 4>&1
# What is more than was wanted is read too, or writing it would end the script, and be its status.
# A head that failed had nobody to tell.
listen() { head -c "$1" >&4 && exec cat >/dev/null 4>&-; }
ended=$({ printf %s "$secrets" | inquire "$1" | listen "$3" 5>&-; } 5>&1)
case $ended in
late*) printf '\n%s rc= late=yes\n' "$nonce" >&2 ;;
*) printf '\n%s rc=%s late=\n' "$nonce" "$ended" >&2 ;;
esac
