"""What lies between two processes: values as bytes, frames in shared memory, a link, a process to talk to.

Knows frames and errors, but no graph: ``engine.remote`` and ``engine.host`` are the two sides that do.
"""
