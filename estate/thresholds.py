"""What counts as a problem when the estate file does not say.

For each metric the first threshold whose `where` matches a host is the one that is judged, so an
estate's own thresholds stand before these. Hold times are long enough that a nightly job or one
late sample is not a problem, and short enough for a budget of 22 minutes a month.
"""

from __future__ import annotations

from collections.abc import Sequence

from estate.metrics import METRICS, Metric
from estate.model import Threshold

#: Figures of what stands on a host, each of something that has a name: a certificate, a standby.
#: A host's own figure is that of the worst.
ON_HOSTS: tuple[Metric, ...] = (
    Metric("replication_lag_seconds", "s", "replication behind"),
    Metric("replication_broken", "", "replication that does not flow"),  # 1 where it does not
    Metric("replication_kept", "B", "log kept for a standby"),
    Metric("backend_down", "%", "servers of a backend that are down"),
    Metric("certificate_expires_seconds", "s", "until a certificate expires"),
    Metric("certificate_mismatch", "", "certificates served that are not those in the file"),
    Metric("security_updates", "", "security updates that wait"),
    Metric("reboot_due", "", "a restart that is due"),
    Metric("backup_overdue_seconds", "s", "a backup overdue"),
    Metric("backup_small", "", "a backup smaller than it should be"),
)

#: Quantities that the watch derives from samples and probes; judged and filtered like metrics.
DERIVED: tuple[Metric, ...] = (
    Metric("disk_full_in_seconds", "s", "until the fullest disk is full"),
    Metric("load_per_core", "", "load per core"),  # load5 / cores
    Metric("clock_offset_ms", "ms", "clock offset"),  # magnitude, against the watch's clock
    Metric("unit_failed", "", "failed units"),
    Metric("unit_inactive", "", "units enabled and not running"),
    Metric("power", "W", "watts of the processors"),
    *ON_HOSTS,
)

#: Every metric that a threshold may name, by name.
JUDGED: dict[str, Metric] = {metric.name: metric for metric in (*METRICS, *DERIVED)}

_MINUTE_MS = 60_000
_DAY = 86_400  # seconds

DEFAULTS: tuple[Threshold, ...] = (
    Threshold("cpu", 90, 97, 5 * _MINUTE_MS),
    Threshold("cpu_iowait", 30, 60, 5 * _MINUTE_MS),
    Threshold("cpu_steal", 10, 30, 5 * _MINUTE_MS),
    Threshold("load_per_core", 2, 5, 5 * _MINUTE_MS),
    Threshold("mem", 90, 97, 2 * _MINUTE_MS),
    Threshold("swap", 50, 90, 5 * _MINUTE_MS),
    Threshold("disk", 85, 95, _MINUTE_MS),
    Threshold("inodes", 85, 95, _MINUTE_MS),
    Threshold("disk_full_in_seconds", 4 * 3600, 30 * 60, 2 * _MINUTE_MS, above=False),
    Threshold("disk_busy", 95, None, 10 * _MINUTE_MS),
    Threshold("net_errors", 10, 1000, 2 * _MINUTE_MS),
    Threshold("psi_memory", 10, 40, 2 * _MINUTE_MS),
    Threshold("psi_io", 40, 80, 5 * _MINUTE_MS),
    # Kerberos gives up at 5 min, certificates and audit trails are wrong long before that.
    Threshold("clock_offset_ms", 500, 5_000, _MINUTE_MS),
    Threshold("unit_failed", 0, None, 0),  # above 0: one failed unit is enough
    # Held, for a unit that is restarted is not running for a moment.
    Threshold("unit_inactive", 0, None, 2 * _MINUTE_MS),
    Threshold("replication_lag_seconds", 30, 300, _MINUTE_MS),
    Threshold("replication_broken", None, 0, 30_000),
    Threshold("replication_kept", 5e9, 50e9, _MINUTE_MS),
    Threshold("backend_down", 0, 99, 30_000),  # one server, or every one
    Threshold("certificate_expires_seconds", 30 * _DAY, 7 * _DAY, 0, above=False),
    # A file is replaced before it is served: a renewal has so long for both.
    Threshold("certificate_mismatch", 0, None, 10 * _MINUTE_MS),
    Threshold("security_updates", 0, None, 60 * _MINUTE_MS),
    Threshold("reboot_due", 0, None, 60 * _MINUTE_MS),
    Threshold("backup_overdue_seconds", 0, _DAY, 0),
    Threshold("backup_small", 0, None, 0),
)


def with_defaults(declared: Sequence[Threshold]) -> tuple[Threshold, ...]:
    """The estate's own thresholds in order of precedence, then the defaults it left standing.

    Those with a `where` come first, as the more particular; a default stands behind them unless
    the estate declares that metric for every host.
    """
    particular = tuple(each for each in declared if each.where)
    general = tuple(each for each in declared if not each.where)
    replaced = {each.metric for each in general}
    kept = tuple(each for each in DEFAULTS if each.metric not in replaced)
    return particular + general + kept
