# Prints "CPU MEMORY COUNT NAME" for the busiest and biggest groups of processes of one name.
command -v awk >/dev/null || { echo 'no awk, which counts processes'; exit 69; }
page=$(getconf PAGESIZE 2>/dev/null) || page=4096
cd "${TWINWATCH_ROOT:-}/proc" || exit

{
  echo /first; cat uptime [0-9]*/stat
  sleep 1
  echo /second; cat uptime [0-9]*/stat meminfo
} 2>/dev/null | awk -v "page=$page" '
  /^\/(first|second)$/ { round = $0; getline; at[round] = $1; next }
  $1 == "MemTotal:" { total = $2 * 1024; exit }

  # The kernel writes utime, stime, start and rss as fields 14, 15, 22 and 24 (proc(5)); after the
  # name, which may hold anything, they are 12, 13, 20 and 22.
  /^[0-9]+ \(/ {
    rest = $0; sub(/^.*\) /, "", rest)
    name = substr($0, 1, length($0) - length(rest) - 2); sub(/^[0-9]+ \(/, "", name)
    if (split(rest, field, " ") < 22) next
    id = $1 " " field[20]
    ticks = field[12] + field[13]
    if (round == "/first") { before[id] = ticks; next }
    count[name]++
    size[name] += field[22]
    used[name] += ticks - before[id]
  }

  # USER_HZ is 100 on every Linux, so that ticks a second are percent of one core.
  END {
    seconds = at["/second"] - at["/first"]
    for (name in count) {
      cpu[name] = seconds > 0 ? used[name] / seconds : -1
      memory[name] = total > 0 ? 100 * size[name] * page / total : -1
    }
    for (i = 0; i < 12; i++) { show_most(cpu); show_most(memory) }
  }

  function show_most(amount,  name, most) {
    most = ""
    for (name in count) {
      if (!(name in shown) && (most == "" || amount[name] > amount[most])) most = name
    }
    if (most == "") return
    shown[most] = 1
    printf "%.1f %.2f %d %s\n", cpu[most], memory[most], count[most], most
  }
'
