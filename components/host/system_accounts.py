"""Accounts and groups that Debian and Ubuntu have already, so that nobody can log in as them. Pure."""

from __future__ import annotations

_USERS = frozenset(
    (
        *("root", "daemon", "bin", "sys", "sync", "games", "man", "lp"),
        *("mail", "news", "uucp", "proxy", "www-data", "backup", "list", "irc"),
        *("gnats", "nobody", "messagebus", "syslog", "uuidd", "tcpdump", "tss", "landscape"),
        *("fwupd-refresh", "usbmux", "pollinate", "polkitd", "sshd", "chrony", "ntp", "ntpsec"),
        *("dnsmasq", "dhcpcd", "statd", "postfix", "unattended-upgrades", "dockremap", "avahi", "colord"),
        *("rtkit", "lxc-dnsmasq"),
    )
)
"""From base-passwd, and from the packages of Google Cloud's Debian and Ubuntu images. Their shell is
/usr/sbin/nologin, or a program that ends at once."""
_GROUPS = frozenset(
    (
        *("adm", "tty", "disk", "dialout", "fax", "voice", "cdrom", "floppy"),
        *("tape", "sudo", "audio", "dip", "operator", "src", "shadow", "utmp"),
        *("video", "sasl", "plugdev", "staff", "users", "nogroup", "netdev", "crontab"),
        *("kmem", "input", "sgx", "kvm", "render", "lxd", "docker", "rdma"),
        *("ssl-cert", "admin", "google-sudoers"),
    )
)
"""`useradd` makes a group of the account's name, and fails where there is one."""


def is_taken(name: str) -> bool:
    """Whether the system has an account or a group of this name for itself."""
    return name in _USERS or name in _GROUPS or name.startswith(("systemd-", "_", "gke-"))
