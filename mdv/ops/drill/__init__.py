"""The drill: a crowd buys, pays and is refunded while processes are killed; then all is counted.

`manage.py drill` makes a shop of its own, beside the real one and without touching it: a scratch
database, a Redis database, simulated providers, web processes and a worker. In it a process of its
own (`python -m mdv.ops.drill`) plays the crowd over HTTP, keeps a ledger of what it was told, and
proves in the end that database and providers say the same.
"""
