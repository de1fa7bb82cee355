"""A year of real orders as commands, and an independent model of what must come of each.

Input: CSV (gzip) with InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice,
CustomerID, Country (the UCI "Online Retail" data set). Positive quantities are ordered lines;
invoices that begin with C bring units back; rows without a customer and a price are corrections,
their description is the reason.

The data has no opening stock. Here every third SKU opens with all that will be needed, the next
with nine tenths, the next with half: so a set of claims that only arithmetic knows must be refused.

The model counts with plain integers per SKU. It shares no code with the server, on purpose.
"""

import csv
import dataclasses
import gzip
import json
import re
import uuid
import zlib

LINES_MAX = 100
NAMESPACE = uuid.UUID("5f0c8f0e-43d7-4d0c-9c64-8f6a6f3f4a10")
OPENING_SHARES = ((1, 1), (9, 10), (1, 2))


@dataclasses.dataclass
class Step:
    """One command, in order, with the answer that it must get."""

    kind: str  # claim, fulfil, receive, adjust
    reference: str
    sku: str = ""
    quantity: int = 0
    lines: list = dataclasses.field(default_factory=list)  # of a claim: (sku, quantity)
    partial: bool = False
    claim: str = ""
    reason: str = ""
    at: str = ""
    customer: str = ""
    outcome: str = ""
    granted: dict = dataclasses.field(default_factory=dict)  # of a claim: units per sku

    def json(self):
        return json.dumps([{"sku": sku, "quantity": quantity} for sku, quantity in self.lines])


def read_rows(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def reason_of(description):
    words = re.sub(r"\s+", " ", description).strip()
    return f"custom:{words}"[:100].strip() if words else "other"


def invoices(rows):
    """Consecutive rows of one invoice, together."""
    group = []
    for row in rows:
        if group and row["InvoiceNo"] != group[0]["InvoiceNo"]:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def single(row, kind, quantity, reason):
    return Step(
        kind,
        row["InvoiceNo"],
        sku=row["StockCode"],
        quantity=quantity,
        reason=reason,
        at=row["InvoiceDate"],
    )


def steps_of(path):
    """The commands without their answers. A shop sums equal lines of a cart, so does this."""
    number = 0
    parts = {}  # of each invoice: some come back after another one
    for group in invoices(read_rows(path)):
        ordered = {}
        for row in group:
            quantity = int(row["Quantity"])
            if row["InvoiceNo"].startswith("C"):
                yield single(row, "receive", -quantity, "returned")
            elif not row["CustomerID"] and float(row["UnitPrice"]) == 0:
                yield single(row, "adjust", quantity, reason_of(row["Description"]))
            else:
                ordered[row["StockCode"]] = ordered.get(row["StockCode"], 0) + quantity
        lines = list(ordered.items())
        for begin in range(0, len(lines), LINES_MAX):
            number += 1
            invoice = group[0]["InvoiceNo"]
            parts[invoice] = parts.get(invoice, 0) + 1
            reference = f"{invoice}/{parts[invoice]}"
            claim = str(uuid.uuid5(NAMESPACE, reference))
            yield Step(
                "claim",
                reference,
                lines=lines[begin : begin + LINES_MAX],
                partial=number % 2 == 0,
                claim=claim,
                at=group[0]["InvoiceDate"],
                customer=group[0]["CustomerID"].removesuffix(".0"),
            )
            yield Step("fulfil", reference, claim=claim, at=group[0]["InvoiceDate"])


def opening_stock(steps):
    """{sku: units} with which the orders begin: a share of the deepest need of each."""
    level, deepest = {}, {}
    for step in steps:
        changes = [(sku, -quantity) for sku, quantity in step.lines]
        if step.kind in ("receive", "adjust"):
            changes = [(step.sku, step.quantity)]
        for sku, change in changes:
            level[sku] = level.get(sku, 0) + change
            deepest[sku] = min(deepest.get(sku, 0), level[sku])
    opening = {}
    for sku, need in deepest.items():
        above, below = OPENING_SHARES[zlib.crc32(sku.encode()) % len(OPENING_SHARES)]
        opening[sku] = -need * above // below
    return opening


class Model:
    """What is free, and what is promised, per SKU."""

    def __init__(self, opening):
        self.free = dict(opening)
        self.promised = dict.fromkeys(opening, 0)
        self.claims = {}  # id: units per sku that are promised
        self.counts = {}

    def expect(self, step):
        """Fills in the answer that `step` must get, and takes note of its effect."""
        step.outcome = getattr(self, step.kind)(step)
        self.counts[step.kind, step.outcome] = self.counts.get((step.kind, step.outcome), 0) + 1

    def claim(self, step):
        can = {sku: min(quantity, self.free[sku]) for sku, quantity in step.lines}
        wanted = dict(step.lines)
        if can == wanted:
            outcome = "granted"
        elif step.partial and any(can.values()):
            outcome = "partially_granted"
        else:
            return "short_of_stock"
        step.granted = {sku: units for sku, units in can.items() if units}
        for sku, units in step.granted.items():
            self.free[sku] -= units
            self.promised[sku] += units
        self.claims[step.claim] = step.granted
        return outcome

    def fulfil(self, step):
        if step.claim not in self.claims:
            return "claim_unknown"
        for sku, units in self.claims.pop(step.claim).items():
            self.promised[sku] -= units
        return "done"

    def receive(self, step):
        self.free[step.sku] += step.quantity
        return "done"

    def adjust(self, step):
        if self.free[step.sku] + step.quantity < 0:
            return "short_of_stock"
        self.free[step.sku] += step.quantity
        return "done"
