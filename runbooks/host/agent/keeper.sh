# mortal: refuses where logging out ends what was started; root is exempt (KillExcludeUsers=).
mortal() {
  [ ! -O "$root/" ] || return 0  # id(1) is a process
  login=org.freedesktop.login1
  set -- "$login" /org/freedesktop/login1 "$login.Manager" KillUserProcesses
  case $(busctl get-property "$@" 2>/dev/null) in
  *true*) refuse mortal "user=$(id -un)" ;;
  esac
}

# Where logging out ends what a login started, only a scope of systemd's keeps it alive. It is
# described, or the host's journal would hold all of our text each time.
keeper() {
  keeper= scope="--scope --quiet --description=twinwatch:$id"
  [ -d "$root/run/systemd/system" ] && command -v systemd-run >/dev/null || return 0
  if [ -O "$root/" ]; then
    keeper="systemd-run $scope"
  elif [ "$(loginctl show-user --property=Linger "$(id -un)" 2>/dev/null)" = Linger=yes ]; then
    keeper="systemd-run --user $scope"
  else
    mortal
  fi
}
