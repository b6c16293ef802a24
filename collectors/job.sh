# Runs the script $1 under a deadline of $2 seconds, its output cut after $3 bytes, in one frame.
# The nonce of the frame is on stdin; $4 is "setsid" where the host has it. TERM kills the script.

# Without setsid there is no group to kill, only its first process.
end() { case $1 in ?*) kill -9 "-$1" || kill -9 "$1" ;; esac; }

give_up() {
  end "$child"
  end "$clock"
  exit
}

# Says on 3 that the deadline struck, before it kills.
strike='sleep "$1" 3>&-; echo - >&3; kill -9 "-$2" || kill -9 "$2"'

# supervise SCRIPT SECONDS SETSID: output on stdout; on 3 a line for the deadline, then the status.
supervise() {
  stop=
  trap 'stop=yes' TERM  # nobody is left behind between its start and our knowing its number
  $3 sh -c "$1" 2>&1 3>&- 4>&- &
  child=$!
  $3 sh -c "$strike" twinwatch "$2" "$child" >/dev/null 4>&- &
  clock=$!
  trap give_up TERM
  case $stop in yes) give_up ;; esac
  wait "$child"
  status=$?
  end "$clock"
  end "$child"
  echo "$status" >&3
}

read -r nonce
exec 4>&1 </dev/null
printf '\n%s\n' "$nonce"
status=$({ supervise "$1" "$2" "$4" | head -c "$3" 3>&- >&4; } 3>&1)
case $status in -*) status=- ;; esac
printf '\n%s %s\n' "$nonce" "$status"
