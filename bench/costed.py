"""Processor time per request beside the rate: on a machine that others use as well, it moves less
than the rate does, and it tells whether the client or the server is the narrow place."""

import resource
import statistics

import machine


class Costed:
    """A contender that also notes the processor time of its server and its client per request."""

    def __init__(self, contender):
        self.contender = contender
        self.name = contender.name
        self.server_us, self.client_us = [], []

    def rate(self, clients, seconds):
        pid, before = self.contender.server.pid, self.contender.requests
        server, client = machine.processor_seconds(pid), of_children()
        rate = self.contender.rate(clients, seconds)
        server, client = machine.processor_seconds(pid) - server, of_children() - client
        requests = self.contender.requests - before
        self.server_us.append(server * 1e6 / requests)
        self.client_us.append(client * 1e6 / requests)
        return rate

    def costs(self):
        """Two cells of a table: µs of the server and of the client per request."""
        return [f"{statistics.median(found):.1f}" for found in (self.server_us, self.client_us)]


def of_children():
    """Processor seconds of the child processes that have ended: the clients."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
