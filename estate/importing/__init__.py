"""A first estate from what a team already has: Ansible, ssh_config, Prometheus.

Each reader is a pure function from text to the text of an estate file that `read_estate` accepts,
with comments on what it could not know. Problems in the source are raised as `EstateError`.
"""

from estate.importing.ansible import from_ansible
from estate.importing.prometheus import from_prometheus_sd
from estate.importing.ssh_config import estate_from_ssh_config, from_ssh_config

__all__ = ["estate_from_ssh_config", "from_ansible", "from_prometheus_sd", "from_ssh_config"]
