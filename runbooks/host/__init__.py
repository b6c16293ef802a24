"""The far side of a step: what is laid down and started on a host, and how it is asked about.

Pure: requests are commands and bytes, replies are read from bytes. Who carries them is a port.
"""
