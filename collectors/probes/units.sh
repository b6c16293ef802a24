# Prints the uptime, the units of any kind that failed, a blank line, and all services in blocks.
command -v systemctl >/dev/null || { echo 'no systemd'; exit 69; }
export SYSTEMD_COLORS=0 SYSTEMD_PAGER=
failed=$(systemctl list-units --failed --plain --no-legend --no-pager 2>&1) || {
  printf '%s\n' "$failed"
  exit 1
}
read -r uptime _ <"${TWINWATCH_ROOT:-}/proc/uptime"
echo "uptime $uptime"
printf '%s\n\n' "$failed"
properties=Id,LoadState,ActiveState,SubState,UnitFileState,Type,ConditionResult,Result,TriggeredBy
properties=$properties,StateChangeTimestampMonotonic,ConditionTimestampMonotonic,WantedBy
# Without --all a pattern stands for units that are active, and what rests would not be seen.
systemctl show --all --no-pager --property=$properties '*.service' || exit
echo
echo end
