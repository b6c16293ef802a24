# Runs the script $1 under a deadline of $2 seconds, its output cut after $3 bytes, in one frame.
# The nonce of the frame is on stdin; $4 is "setsid" where the host has it. TERM kills the script.

# Without setsid there is no group to kill, only its first process.
end() { case $1 in ?*) kill -9 "-$1" || kill -9 "$1" ;; esac; }

supervise() {
  child= timer=
  trap 'end "$child"; end "$timer"; exit' TERM
  $3 sh -c "$1" 2>&1 3>&- 4>&- &
  child=$!
  $3 sh -c 'sleep "$1"; kill -9 "-$2" || kill -9 "$2"' twinwatch "$2" "$child" >/dev/null 3>&- 4>&- &
  timer=$!
  wait "$child"
  status=$?
  end "$timer"
  wait "$timer" && status=-  # the timer came to its end, so the script did not come to its own
  end "$child"
  echo "$status" >&3
}

read -r nonce
exec 4>&1 </dev/null
printf '\n%s\n' "$nonce"
status=$({ supervise "$1" "$2" "$4" | head -c "$3" 3>&- >&4; } 3>&1)
printf '\n%s %s\n' "$nonce" "$status"
