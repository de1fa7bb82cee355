"""Interleaved rounds: every contender runs once per round, in an order that rotates, so that drift
of the machine hits all alike. A ratio is the median over rounds of the ratio within one round."""

import statistics
import sys

ROUNDS_MIN = 5


def measure(contenders, clients, rounds, seconds):
    """{name: [rate per round]}, with progress on stderr."""
    rates = {contender.name: [] for contender in contenders}
    for index in range(rounds):
        turn = index % len(contenders)
        for contender in contenders[turn:] + contenders[:turn]:
            rate = contender.rate(clients, seconds)
            rates[contender.name].append(rate)
            print(
                f"  round {index + 1}/{rounds}, {clients} clients, {contender.name}: {rate:,.0f}/s",
                file=sys.stderr,
                flush=True,
            )
    return rates


def ratio(rates, above, below):
    return statistics.median(a / b for a, b in zip(rates[above], rates[below]))


def median(rates, name):
    return statistics.median(rates[name])


def spread(rates, name):
    """Half the distance between the extremes as a share of the median: how noisy the machine
    was."""
    values = rates[name]
    return (max(values) - min(values)) / 2 / statistics.median(values)


def cells(rates, name):
    """Two cells of a table: the median rate and how noisy it was."""
    return [median(rates, name), f"± {spread(rates, name):.0%}"]
