# Locks: a directory for each, in it a file for each epoch that anybody held it since, with a line:
#
#     OWNER SECONDS BOOT UPTIME     for so long since the host was up for that
#
# The host's uptime counts, and not its clock, which can be set. The uptime of another boot says
# nothing here, whether the host was restarted, by a run it may be, or hosts share a home: the whole
# of that time is counted again from when such a line is first seen, which a mark tells:
#
#     seen.BOOT.EPOCH           its BOOT.UPTIME, and the uptime of this boot then

# A go holds its locks so long, for whoever did not ask for them before.
HELD=86400

# holder NAME: the latest epoch, 0 if nobody ever held it; its owner, and for how long it is held yet.
holder() {
  at=$locks/$1 top=0 whose=- left=0
  for each in "$at"/[0-9]*; do
    each=${each##*/}
    [ "$each" = '[0-9]*' ] && continue  # nobody
    [ "$each" -gt "$top" ] && top=$each
  done
  [ "$top" != 0 ] || return 0
  # A shell counts an uptime that is not there as 0.
  if { read -r whose held then since <"$at/$top" && [ "$since" -ge 0 ]; } 2>/dev/null; then
    read -r up _ </proc/uptime
    [ "$then" = "$boot" ] || met "$then.$since"
    left=$((since + held - ${up%.*}))
  elif [ -e "$at/$top" ] || [ -L "$at/$top" ]; then
    whose=unknown left=1  # it can't be read: nobody's for the asking
  else
    holder "$1"  # a later epoch took its place just now
  fi
}

# met BOOT.UPTIME: sets `since`. Where there is no room for a mark nothing is ever over.
met() {
  { read -r line since <"$at/seen.$boot.$top" && [ "$since" -ge 0 ]; } 2>/dev/null &&
    [ "$line" = "$1" ] && return
  since=${up%.*}
  { echo "$1 $since" >"$at/new.$$" && mv -f "$at/new.$$" "$at/seen.$boot.$top"; } 2>/dev/null ||
    rm -f "$at/new.$$"
}

# Whether that holder gave it back, or its time is over; and nothing of its is at work.
is_free() {
  [ -e "$at/free.$top" ] || [ "$left" -le 0 ] || return
  [ -z "$(busy "$whose.")" ]
}

# busy PREFIX: the attempts here of that name that are not at rest.
busy() {
  list=
  for d in "$steps/$1"*/; do
    [ -L "${d}claim" ] || continue
    d=${d%/} claim=
    judge
    case $state in running | orphan) list=$list,${d##*/} ;; esac
  done
  echo "${list#,}"
}

# ours NAME EPOCH OWNER: whether no later epoch stands, and no other owner of this one.
ours() {
  holder "$1"
  [ "$2.$3" = "$top.$whose" ]
}

# note NAME EPOCH OWNER SECONDS: writes down what is to stand there from now on.
note() {
  read -r up _ </proc/uptime
  { echo "$3 $4 $boot ${up%.*}" >"$at/new.$$"; } 2>/dev/null
}

# renew NAME EPOCH OWNER SECONDS: what is ours is so for so long from now on.
renew() { note "$@" && flush "$at/new.$$" && mv -f "$at/new.$$" "$at/$2"; }

# keep NAME EPOCH OWNER: whether it is ours. Once an hour it is renewed; where there is no room for
# that it ends when it would have.
keep() {
  ours "$@" || return
  [ "$left" -gt $((HELD - 3600)) ] || renew "$@" "$HELD" || rm -f "$at/new.$$"
}

# hold NAME EPOCH OWNER SECONDS OVER: makes it ours for so long, or fails. A later epoch always
# stands. An earlier one gives way if it is free, or is the very one (OVER) that a person took over.
# Two who try the same epoch make the same link, and one of them fails.
hold() {
  if ours "$1" "$2" "$3"; then
    renew "$@" || refuse write
    [ ! -e "$at/free.$2" ] || rm -f "$at/free.$2"
  elif [ "$2" -gt "$top" ] && { [ "$5" = "$top" ] || is_free; }; then
    (umask 077 && mkdir -p "$at") && note "$@" || refuse write
    ln "$at/new.$$" "$at/$2" 2>/dev/null || [ -e "$at/$2" ] || refuse write
    flush "$at/$2" "$at" "$locks"
    ours "$1" "$2" "$3" || { rm -f "$at/new.$$"; return 1; }
    set -- "$at/new.$$"
    for each in "$at"/*; do
      [ "${each##*[/.]}" -ge "$top" ] || set -- "$@" "$each"
    done
    rm -f "$@"
  else
    return 1
  fi
}

fenced() {
  free=
  is_free && free=yes
  refuse "fenced lock=$1 epoch=$top owner=$whose free=$free"
}
