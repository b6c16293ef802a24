# Prints what PostgreSQL says of its replication, a JSON object a line; as $1, at port $2, in $3.
command -v psql >/dev/null || { echo 'no psql'; exit 69; }
cd /
as=
[ -z "$1" ] || as="sudo -n -u $1"
options='-c statement_timeout=5000 -c default_transaction_read_only=on'
to="dbname=$3 connect_timeout=5 application_name=twinwatch options='$options'"
[ -z "$2" ] || to="$to port=$2"
$as psql -XAtq -v ON_ERROR_STOP=1 -d "$to" <<'END'
SELECT json_build_object('kind', 'server', 'recovery', pg_is_in_recovery(),
  'sees', pg_has_role('pg_read_all_stats', 'USAGE'), 'follows',
  (SELECT substring(setting from 'host=''?([^ '']+)') FROM pg_settings WHERE name = 'primary_conninfo'));
WITH here AS (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
  ELSE pg_current_wal_lsn() END AS lsn)
SELECT json_build_object('kind', 'standby', 'name', application_name, 'address', host(client_addr),
  'state', state, 'sync', sync_state, 'bytes', pg_wal_lsn_diff(here.lsn, replay_lsn))
  FROM pg_stat_replication, here WHERE state IS DISTINCT FROM 'backup';
SELECT json_build_object('kind', 'receiver', 'state', status, 'host', sender_host,
  'heard', extract(epoch from clock_timestamp() - last_msg_receipt_time), 'asks',
  (SELECT setting::float / 2000 FROM pg_settings WHERE name = 'wal_receiver_timeout'))
  FROM pg_stat_wal_receiver;
SELECT json_build_object('kind', 'replay',
  'bytes', pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()),
  'seconds', CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
  ELSE extract(epoch from now() - pg_last_xact_replay_timestamp()) END)
  WHERE pg_is_in_recovery();
WITH here AS (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
  ELSE pg_current_wal_lsn() END AS lsn)
SELECT json_build_object('kind', 'slot', 'name', slot_name, 'active', active,
  'kept', pg_wal_lsn_diff(here.lsn, restart_lsn)) FROM pg_replication_slots, here;
SELECT json_build_object('kind', 'end');
END
