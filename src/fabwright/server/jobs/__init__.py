"""Work that outlives a request: a thin layer on procrastinate, on the same PostgreSQL as everything else.

- `task` makes a function a job; a job is enqueued in the transaction that made its row (`fn.defer(...)`).
- `run_limited` runs heavy or hostile work in a child process with time and memory limits.
- `worker.run` is the worker program; every worker also takes over the jobs of workers that died.

A job may run more than once (a worker can die at any moment), so a job publishes through one conditional update on
the row it works for; whoever loses that race has made garbage, never a second result.
"""
