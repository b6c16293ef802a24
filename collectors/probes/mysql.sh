# Prints what MySQL or MariaDB says of its replication, in tables; as $1, at socket $2, options $3.
client=$(command -v mariadb) || client=$(command -v mysql) || { echo 'no mysql client'; exit 69; }
cd /
as=
[ -z "$1" ] || as="sudo -n -u $1"
set -- ${3:+"--defaults-file=$3"} ${2:+"--socket=$2"} --connect-timeout=5 --batch
ask() { statement=$1; shift; $as "$client" "$@" --execute "$statement"; }
echo == server
ask 'SELECT @@global.read_only AS read_only, @@version AS version' "$@" || exit
echo == replica
ask 'SHOW ALL SLAVES STATUS' "$@" 2>/dev/null || ask 'SHOW REPLICA STATUS' "$@" 2>/dev/null ||
ask 'SHOW SLAVE STATUS' "$@" || exit
echo == dumps
dumps="SELECT host, state FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'"
ask "$dumps" "$@" || exit
echo == rights
rights="SELECT count(*) AS process FROM information_schema.user_privileges"
ask "$rights WHERE privilege_type = 'PROCESS'" "$@" || exit
echo == end
