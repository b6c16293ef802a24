# Locks: a directory for each, in it a link for each epoch that anybody held it since.

# holder NAME: the latest epoch and its owner; 0 if nobody ever held it.
holder() {
  top=0 owner_now=- until_now=0
  for each in "$locks/$1"/[0-9]*; do
    each=${each##*/}
    [ "$each" = '[0-9]*' ] && continue  # nobody
    [ "$each" -gt "$top" ] && top=$each
  done
  [ "$top" = 0 ] ||
    owner_now=$(readlink "$locks/$1/$top") until_now=${owner_now#*,} owner_now=${owner_now%,*}
}

# is_free NAME: whether that holder gave it back, or its time is over.
is_free() { [ -e "$locks/$1/free.$top" ] || [ "$(date +%s)" -ge "$until_now" ]; }

# ours NAME EPOCH OWNER: whether no later epoch stands, and no other owner of this one.
ours() {
  holder "$1"
  [ "$2.$3" = "$top.$owner_now" ]
}

# hold NAME EPOCH OWNER SECONDS OVER: makes it ours for so long, or fails. A later epoch always
# stands. An earlier one gives way if it is free, or is the very one (OVER) that a person took over.
# Two who try the same epoch make the same link, and one of them fails.
hold() {
  if ours "$1" "$2" "$3"; then
    until=$(($(date +%s) + $4))
    ln -s "$3,$until" "$locks/$1/new.$$" && mv -f "$locks/$1/new.$$" "$locks/$1/$2" || refuse write
    rm -f "$locks/$1/free.$2"
  elif [ "$2" -gt "$top" ] && { [ "$5" = "$top" ] || is_free "$1"; }; then
    until=$(($(date +%s) + $4))
    mkdir -p "$locks/$1" && { ln -s "$3,$until" "$locks/$1/$2" 2>/dev/null || [ -L "$locks/$1/$2" ]; } ||
      refuse write
    flush "$locks/$1" "$locks"
    ours "$1" "$2" "$3" || return
    for each in "$locks/$1"/*; do
      [ "${each##*[/.]}" -ge "$top" ] || rm -f "$each"
    done
  else
    return 1
  fi
}

# A go holds its locks so long, for whoever did not ask for them before.
HELD_SECONDS=86400

fenced() {
  free=
  is_free "$1" && free=yes
  refuse "fenced lock=$1 epoch=$top owner=$owner_now free=$free"
}
