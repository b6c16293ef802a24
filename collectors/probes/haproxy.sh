# Prints what HAProxy's stats socket $1 answers to "show info" and "show stat"; asked as $2.
as=
[ -z "$2" ] || as="sudo -n -u $2"
asks='show info;show stat'
talk='$s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$ARGV[0]: $!\n";
  print $s "$ARGV[1]\n"; print while <$s>'
if [ -z "$as" ]; then
  [ -S "$1" ] || { echo "no socket at $1, or none that this user sees"; exit 69; }
  [ -w "$1" ] || { echo "$1: permission denied"; exit 77; }
fi
if command -v socat >/dev/null; then
  printf '%s\n' "$asks" | $as socat -t 5 - "UNIX-CONNECT:$1"
elif command -v perl >/dev/null && perl -MIO::Socket::UNIX -e 1 2>/dev/null; then
  $as perl -MIO::Socket::UNIX -e "$talk" "$1" "$asks"
elif command -v nc >/dev/null; then
  printf '%s\n' "$asks" | $as nc -w 5 -U "$1"
else
  echo 'neither socat, perl nor nc, to ask the socket with'
  exit 69
fi
