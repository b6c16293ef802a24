# Prints the time, and what the first keeper of time that answers says of it.
echo "time $(date +%s.%N)"
if command -v chronyc >/dev/null && said=$(chronyc -n -c tracking 2>/dev/null); then
  printf '%s\n' "chrony $said"
elif command -v ntpq >/dev/null &&
  said=$(ntpq -n -c 'rv 0 leap,stratum,offset,refid' 2>/dev/null); then
  printf '%s ' ntp $said
elif command -v timedatectl >/dev/null &&
  said=$(timedatectl show --property=NTP --property=NTPSynchronized 2>/dev/null); then
  printf '%s ' timedatectl $said
else
  echo none
fi
