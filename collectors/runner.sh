# The runner: runs scripts that arrive on stdin, one after the other; job.sh, in $1, runs each. At
# end-of-file what runs is killed. $2 is the limit of their output, in bytes. runner.py describes
# the frames. Login shells read it in words: see exec_text in programs.py.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH LC_ALL=C
case ${TWINWATCH_ROOT:-} in ?*) PATH=$TWINWATCH_ROOT/bin:$PATH ;; esac
export PATH LC_ALL
unset ENV
exec 2>/dev/null

new_session=
command -v setsid >/dev/null && new_session=setsid
newline='
'

worker=
printf '\ntwinwatch|runner|1\n'
while read -r nonce seconds; do
  script= line=
  while IFS= read -r line; do
    case $line in "$nonce") break ;; esac
    script=$script$line$newline
  done
  case $line in "$nonce") ;; *) break ;; esac  # half a script is not run
  case $worker in ?*) wait "$worker" ;; esac
  # On stdin, not as an argument: what runs must not see the nonce in /proc.
  printf '%s\n' "$nonce" | $new_session sh -c "$1" twinwatch "$script" "$seconds" "$2" $new_session &
  worker=$!
done
case $worker in ?*) kill -TERM "-$worker" || kill -TERM "$worker" ;; esac
exit 0
