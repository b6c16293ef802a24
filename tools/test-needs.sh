#!/bin/sh
# Installs what the tests use beside Python, where it may; tests that miss a part skip and say so.
set -eu
missing=""
command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] || missing="$missing openssh-server"
command -v ssh >/dev/null || missing="$missing openssh-client"
command -v tmux >/dev/null || missing="$missing tmux"
command -v busybox >/dev/null || missing="$missing busybox"
command -v gawk >/dev/null || missing="$missing gawk"
for shell in tcsh mksh; do
    command -v "$shell" >/dev/null || missing="$missing $shell"
done
command -v bsd-csh >/dev/null || missing="$missing csh"
command -v tinysshd >/dev/null || [ -x /usr/sbin/tinysshd ] || missing="$missing tinysshd"
command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || missing="$missing mariadb-server"
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$missing chromium"
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
if [ "$(id -u)" = 0 ]; then # only root can carry the lab (docs/lab.md)
    command -v mmdebstrap >/dev/null || missing="$missing mmdebstrap"
    command -v nft >/dev/null || missing="$missing nftables"
    command -v ip >/dev/null || missing="$missing iproute2"
fi
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing for the tests:$missing"
    apt-get update -qq
    # A server that is only wanted for tests must not start by itself.
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "not installed, and not root on Debian, so tests that need them are skipped:$missing"
fi
