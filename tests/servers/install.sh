#!/bin/sh
# Installs the servers the live and browser tests start themselves, where that is possible without a
# question: as root on a Debian-like system. Anywhere else it only says what is missing.
set -u

PATH="$PATH:/usr/sbin:/usr/local/sbin"
missing=""
command -v mariadbd >/dev/null 2>&1 || missing="$missing mariadb-server"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 \
    || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
command -v slapd >/dev/null 2>&1 || missing="$missing slapd"
command -v ldapsearch >/dev/null 2>&1 || missing="$missing ldap-utils"
command -v dovecot >/dev/null 2>&1 || missing="$missing dovecot-imapd"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
command -v npm >/dev/null 2>&1 || missing="$missing npm"

[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed, the tests that need them are skipped:$missing"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# The tests start servers of their own: whatever a package would start by default stays off, unless the
# machine has a policy of its own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
# shellcheck disable=SC2086 -- a list of package names
apt-get install -y -qq --no-install-recommends $missing >/dev/null \
    || echo "could not install:$missing"
exit 0
