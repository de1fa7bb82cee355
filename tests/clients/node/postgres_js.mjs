// postgres.js against Holdfast, as a user has it: no option but where the server is.
// node postgres_js.mjs PORT
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';

const port = Number(process.argv[2]);
const where = { host: '127.0.0.1', port, username: 'holdfast', database: 'holdfast', max: 5 };
const sql = postgres(where);
const stockUp = async (sku, units) => {
  await sql`SELECT outcome FROM define_item(${sku})`;
  await sql`SELECT outcome FROM receive(${sku}, ${units})`;
};
const level = async (sku) => {
  const [row] = await sql`SELECT available, held, committed FROM stock WHERE sku = ${sku}`;
  return [row.available, row.held, row.committed].map(Number);
};

// Types: a bigint is a string, as in node-postgres; jsonb is parsed; times are Dates.
await stockUp('P-1', 10);
const [first] = await sql`
  SELECT granted, outcome, claim_id, expires_at, available, lines, message
  FROM claim(${'P-1'}, ${3}, hold_for => ${'10 minutes'})`;
assert.equal(first.granted, true);
assert.equal(first.available, '7');
assert.match(first.claim_id, /^[0-9a-f-]{36}$/);
assert.ok(first.expires_at instanceof Date);
assert.equal(first.lines[0].granted, 3);
assert.equal(first.message, null);
const found = await sql`SELECT sku, held FROM stock WHERE sku IN ${sql(['none', 'P-1'])}`;
const names = ['none', 'P-1'];
for (const list of [names, sql.array(names)]) {
  const rows = await sql`SELECT sku FROM stock WHERE sku = ANY(${list})`;
  assert.deepEqual([...rows], [{ sku: 'P-1' }]);
}
assert.deepEqual([...found], [{ sku: 'P-1', held: '3' }]);
assert.equal(found.count, 1);
assert.equal((await sql`SELECT * FROM stock WHERE sku = ${'nowhere'}`).length, 0);

// A refusal is a row.
const [refused] = await sql`SELECT granted, outcome FROM claim(${'P-1'}, ${8})`;
assert.deepEqual({ ...refused }, { granted: false, outcome: 'short_of_stock' });

// Parameters: the server says the types, the driver writes them.
const id = randomUUID();
const [all] = await sql`
  SELECT outcome, claim_id FROM claim(sku => ${'P-1'}, quantity => ${2n}, partial => ${true},
    claim_id => ${id}, occurred_at => ${new Date('2026-01-02T03:04:05.678Z')},
    customer => ${null})`;
assert.deepEqual({ ...all }, { outcome: 'granted', claim_id: id });
const [json] = await sql`
  SELECT outcome, available FROM claim(lines => ${sql.json([{ sku: 'P-1', quantity: 1 }])})`;
assert.deepEqual({ ...json }, { outcome: 'granted', available: '4' });
const [plain] = await sql`
  SELECT outcome FROM claim(lines => ${[{ sku: 'P-1', quantity: 1 }]}::jsonb)`;
assert.equal(plain.outcome, 'granted');

// The same statement again and again: prepared once per connection.
await stockUp('P-2', 8);
const granted = [];
for (let round = 0; round < 10; ++round) {
  const [row] = await sql`SELECT granted FROM claim(${'P-2'}, ${1})`;
  granted.push(row.granted);
}
assert.equal(granted.filter(Boolean).length, 8);

// Queries that are not awaited are one after the other on the wire: a pipeline.
await stockUp('P-3', 20);
const buyers = await Promise.all(
  Array.from({ length: 40 }, () => sql`SELECT granted FROM claim(${'P-3'}, ${1})`));
assert.equal(buyers.filter(([row]) => row.granted).length, 20);
assert.deepEqual(await level('P-3'), [0, 0, 20]);

// Errors: the driver's class with the SQLSTATE.
const fails = (query, code) => assert.rejects(query, (error) => {
  assert.ok(error instanceof postgres.PostgresError, String(error));
  assert.equal(error.code, code);
  return true;
});
await fails(sql`SELEC 1`, '42601');
await fails(sql`SELECT * FROM nonsense`, '42P01');
await fails(sql`SELECT * FROM claim(${'P-3'}, ${0})`, '22023');
await fails(sql`SELECT * FROM claim(${'P-3'}, ${'one'})`, '22P02');
await fails(sql`SELECT now()`, '0A000');
const [one] = await sql`SELECT 1 AS one`;
assert.equal(one.one, 1);

// Transactions.
await stockUp('P-4', 5);
await sql.begin(async (block) => {
  await block`SELECT granted FROM claim('P-4', 2)`;
  assert.deepEqual(await level('P-4'), [3, 2, 0]);
  const [other] = await sql`SELECT outcome FROM claim('P-4', 5)`;
  assert.equal(other.outcome, 'contended');
  await fails(block.savepoint(async (inner) => {
    await inner`SELECT granted FROM claim('P-4', 1)`;
    await inner`SELECT granted FROM claim('P-4', 0)`;
  }), '22023');
  await block.savepoint((inner) => inner`SELECT granted FROM claim('P-4', 1)`);
});
assert.deepEqual(await level('P-4'), [2, 0, 3]);
await assert.rejects(sql.begin(async (block) => {
  await block`SELECT granted FROM claim('P-4', 1)`;
  throw new Error('changed my mind');
}), /changed my mind/);
assert.deepEqual(await level('P-4'), [2, 0, 3]);
const [held] = await sql`SELECT claim_id FROM claim('P-4', 1, hold_for => '1 hour')`;
await fails(sql.begin(async (block) => {
  await block`SELECT outcome FROM confirm(${held.claim_id})`;
  await sql`SELECT outcome FROM release(${held.claim_id})`;
}), '40001');
// An array of queries is a block in one pipeline.
const both = await sql.begin((block) => [
  block`SELECT granted FROM claim('P-4', 1)`, block`SELECT granted FROM claim('P-4', 1)`]);
assert.deepEqual(both.map(([row]) => row.granted), [true, true]);
assert.deepEqual(await level('P-4'), [0, 0, 5]);
await fails(sql.begin('read only', (block) => block`SELECT granted FROM claim('P-4', 1)`), '25006');

// Rows in portions, a connection of one's own, the simple protocol.
await stockUp('P-5', 1);
for (let index = 0; index < 7; ++index) {
  await sql`SELECT outcome FROM define_location(${`P-${index}`})`;
  await sql`SELECT outcome FROM receive('P-5', ${index + 1}, ${`P-${index}`})`;
}
const portions = [];
await sql`SELECT on_hand FROM stock WHERE sku = 'P-5'`.cursor(3, (rows) => {
  portions.push(rows.length);
});
assert.deepEqual(portions, [3, 3, 2]);
const own = await sql.reserve();
await own`SET application_name = 'till'`;
const [name] = await own`SHOW application_name`;
assert.equal(name.application_name, 'till');
own.release();
const [twice] = await sql`SELECT 1 AS one; SELECT 2 AS two`.simple();
assert.equal(twice[0].one, 1);
const described = await sql`SELECT granted FROM claim(${'P-5'}, ${1})`.describe();
assert.deepEqual(described.types, [25, 20]);
await sql.end();

// Without named statements, as behind a pooler.
const unprepared = postgres({ ...where, prepare: false });
const [left] = await unprepared`SELECT on_hand FROM stock WHERE sku = ${'P-5'} LIMIT ${1}`;
assert.equal(left.on_hand, '1');
await unprepared.end();
console.log('ok');
