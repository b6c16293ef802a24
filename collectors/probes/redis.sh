# look KEY PORT PASSWORD_FILE OF: prints how long a list, stream or set of Redis is; queuelines.py.
command -v redis-cli >/dev/null || { echo 'no Redis here: there is no redis-cli'; exit 69; }
tab=$(printf '\t')
now=$(date +%s)

tell() { printf 'queue\t%s\t%s\t%s\t-\t%s\t%s\n' "$1" "$2" "$3" "$of" "$4"; }

# unread QUEUE WHY: what should be there and could not be asked. unread_key: nor can its readers.
unread() { printf 'unknown\t%s\t%s\t%s\n' "$of" "$(printf '%s' "${2:-no answer}" | tr '\n\t' '  ')" "$1"; }

unread_key() {
  unread "$key" "$1"
  printf 'gap\t%s\t%s\n' "$of" "$(printf '%s' "${1:-no answer}" | tr '\n\t' '  ')"
}

# age ID: of a stream, whose ids begin with the milliseconds at which they were made.
age() {
  set -- "${1%%-*}"
  case $1 in '' | *[!0-9]* | ????????????????*) echo -; return ;; esac
  [ "$1" -gt 0 ] && [ $(($1 / 1000)) -le "$now" ] && echo $((now - $1 / 1000)) || echo -
}

look() {
  key=$1 of=$4
  set -- "$2" "$3"
  ask() { redis-cli -p "$port" "$@" </dev/null 2>&1; }
  port=$1
  case $2 in
  ?*) REDISCLI_AUTH=$(cat "$2" 2>&1) || { unread_key "$REDISCLI_AUTH"; return; }
    export REDISCLI_AUTH ;;
  *) unset REDISCLI_AUTH ;;
  esac
  kind=$(ask type "$key")
  case $kind in
  list) length=$(ask llen "$key") ;;
  zset) length=$(ask zcard "$key") ;;
  set) length=$(ask scard "$key") ;;
  none) length=0 ;;  # Redis takes an empty list away
  stream) stream; return ;;
  *) unread_key "$kind"; return ;;
  esac
  case $length in
  '' | *[!0-9]*) unread_key "$length" ;;
  *) tell "$length" - - "$key" ;;
  esac
}

# What waits for a group of readers is what it was not given, and what it has not acknowledged.
# Payloads are not sent on: of an entry only its id is looked at.
stream() {
  length=$(ask xlen "$key")
  came=$(ask xinfo stream "$key" | sed -n '/^entries-added$/{n;p;q;}')
  groups=$(ask xinfo groups "$key")
  case $came in '' | *[!0-9]*) came=- ;; esac
  case $groups in
  name*) ;;
  '')  # nobody reads it: all of it waits
    case $length in '' | *[!0-9]*) unread_key "$length"; return ;; esac
    first=$(ask xrange "$key" - + count 1 | head -n 1)
    tell "$length" "$(age "$first")" "$came" "$key"
    return
    ;;
  *) unread_key "$groups"; return ;;
  esac
  printf '%s\n' "$groups" | awk '
    BEGIN { OFS = "\t" }
    before == "name" { if (name != "") tell(); name = $0; pending = lag = last = "-" }
    before == "pending" { pending = $0 }
    before == "last-delivered-id" { last = $0 }
    before == "lag" { lag = $0 ~ /^[0-9]+$/ ? $0 : "-" }
    { before = before == "" && $0 ~ /^(name|pending|last-delivered-id|lag)$/ ? $0 : "" }
    END { if (name != "") tell() }
    function tell() { print pending, lag, last, name }
  ' | while IFS=$tab read -r pending lag last name; do
    oldest=-
    case $pending in 0 | -) ;; *) oldest=$(age "$(ask xpending "$key" "$name" | sed -n 2p)") ;; esac
    case $oldest$lag in
    -0 | --) ;;
    -*) oldest=$(age "$(ask xrange "$key" "($last" + count 1 | head -n 1)") ;;
    esac
    case $pending$lag in
    *[!0-9]*)  # Redis before 7 does not know how far a group is behind
      unread "$key $name" 'the lag of this group is not known' ;;
    *) tell $((pending + lag)) "$oldest" "$came" "$key $name" ;;
    esac
  done
}
