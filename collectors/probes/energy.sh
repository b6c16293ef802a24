# Prints each package's energy counter in microjoules, and its range, twice, with the uptime.
root=${TWINWATCH_ROOT:-}
cd "$root/sys/class/powercap" 2>/dev/null || { echo 'no counters of energy (RAPL)'; exit 69; }
any=
look() {
  read -r uptime _ <"$root/proc/uptime"
  echo "at $uptime"
  for zone in intel-rapl:[0-9] intel-rapl:[0-9][0-9]; do
    [ -e "$zone/energy_uj" ] || continue
    # Beside the packages may stand the whole platform, psys, which has them in it.
    { read -r name <"$zone/name"; } 2>/dev/null || continue
    case $name in package*) any=yes ;; *) continue ;; esac
    [ -r "$zone/energy_uj" ] || { echo "$zone: for root alone, as kernels since 2020 have it"; exit 77; }
    read -r used <"$zone/energy_uj"
    read -r range <"$zone/max_energy_range_uj"
    echo "$zone $used $range"
  done
}
look
[ -n "$any" ] || { echo 'no counters of energy (RAPL)'; exit 69; }
sleep 1
look
echo end
