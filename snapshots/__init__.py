"""First floor: handover reports, pure renderings of one frozen document."""
