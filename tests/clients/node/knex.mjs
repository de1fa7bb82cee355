// Knex against Holdfast: its query builder on look-ups by key, raw for functions.   node knex.mjs PORT
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Knex from 'knex';

const port = Number(process.argv[2]);
const knex = Knex({
  client: 'pg',
  connection: { host: '127.0.0.1', port, user: 'holdfast', database: 'holdfast' },
  pool: { min: 0, max: 4 },
});
const call = async (text, values = [], on = knex) => (await on.raw(text, values)).rows[0];
const stockUp = async (sku, units) => {
  await call('SELECT outcome FROM define_item(?)', [sku]);
  await call('SELECT outcome FROM receive(?, ?)', [sku, units]);
};
const level = async (sku) => {
  const row = await knex('stock').where({ sku }).first('available', 'held', 'committed');
  return [row.available, row.held, row.committed].map(Number);
};

await stockUp('K-1', 10);
const first = await call(
  'SELECT granted, claim_id, expires_at, available, lines FROM claim(?, ?, hold_for => ?)',
  ['K-1', 3, '10 minutes']);
assert.equal(first.granted, true);
assert.equal(first.available, '7'); // node-postgres gives bigint as a string
assert.ok(first.expires_at instanceof Date);
assert.equal(first.lines[0].granted, 3);
const refused = await call('SELECT granted, outcome FROM claim(:sku, :units)',
  { sku: 'K-1', units: 8 });
assert.deepEqual(refused, { granted: false, outcome: 'short_of_stock' });

// The builder: look-ups by key, and a function's row.
assert.deepEqual(await knex('stock').whereIn('sku', ['none', 'K-1']).select('sku', 'held').limit(5),
  [{ sku: 'K-1', held: '3' }]);
assert.deepEqual(await knex.select('s.sku as name').from('stock as s').where('s.sku', 'K-1'),
  [{ name: 'K-1' }]);
assert.deepEqual(await knex('stock').where('sku', 'nowhere'), []);
assert.deepEqual(await knex('claims').where('claim_id', first.claim_id).select('state', 'held'),
  [{ state: 'held', held: '3' }]);
assert.deepEqual(
  await knex.select('granted').from(knex.raw('claim(?, ?)', ['K-1', 1])), [{ granted: true }]);

// Parameters of every type.
const id = randomUUID();
assert.deepEqual(await call(
  'SELECT outcome, claim_id FROM claim(sku => ?, quantity => ?, partial => ?, claim_id => ?, '
  + 'occurred_at => ?, customer => ?)',
  ['K-1', 2, true, id, new Date('2026-01-02T03:04:05.678Z'), null]),
  { outcome: 'granted', claim_id: id });
assert.deepEqual(await call('SELECT outcome, available FROM claim(lines => ?)',
  [JSON.stringify([{ sku: 'K-1', quantity: 1 }])]), { outcome: 'granted', available: '3' });

// Errors.
for (const [text, values, code] of [
  ['SELEC 1', [], '42601'],
  ['SELECT * FROM nonsense', [], '42P01'],
  ['SELECT * FROM claim(?, ?)', ['K-1', 0], '22023'],
  ['SELECT * FROM claim(?, ?)', ['K-1', 'one'], '22P02'],
  ['SELECT now()', [], '0A000'],
]) await assert.rejects(knex.raw(text, values), { code });
assert.equal((await call('SELECT 1 AS one')).one, 1);

// Transactions; a transaction in a transaction is a savepoint.
await stockUp('K-2', 5);
await knex.transaction(async (block) => {
  await call('SELECT granted FROM claim(?, ?)', ['K-2', 2], block);
  assert.deepEqual(await level('K-2'), [3, 2, 0]);
  assert.equal((await call("SELECT outcome FROM claim('K-2', 5)")).outcome, 'contended');
  await assert.rejects(block.transaction(async (inner) => {
    await call("SELECT granted FROM claim('K-2', 1)", [], inner);
    await call("SELECT granted FROM claim('K-2', 0)", [], inner);
  }), { code: '22023' });
  await block.transaction((inner) => call("SELECT granted FROM claim('K-2', 1)", [], inner));
});
assert.deepEqual(await level('K-2'), [2, 0, 3]);
const undone = await knex.transaction();
await call("SELECT granted FROM claim('K-2', 1)", [], undone);
await undone.rollback();
assert.deepEqual(await level('K-2'), [2, 0, 3]);
const held = await call("SELECT claim_id FROM claim('K-2', 1, hold_for => '1 hour')");
await assert.rejects(knex.transaction(async (block) => {
  await call('SELECT outcome FROM confirm(?)', [held.claim_id], block);
  await call('SELECT outcome FROM release(?)', [held.claim_id]);
}), { code: '40001' });
assert.deepEqual(await level('K-2'), [2, 0, 3]);
await knex.transaction((block) => call("SELECT granted FROM claim('K-2', 1)", [], block),
  { isolationLevel: 'read committed' });
assert.equal((await knex.transaction(
  (block) => call('SHOW transaction_isolation', [], block),
  { readOnly: true, isolationLevel: 'serializable' })).transaction_isolation, 'serializable');
await assert.rejects(knex.transaction(async (block) => {
  await block('stock').where({ sku: 'K-2', location: 'main', lot: '' }).select('version').forUpdate();
  await call("SELECT outcome FROM sale('K-2', 1)");
}), { code: '40001' });
await call("SELECT outcome FROM receive('K-2', 1)");
assert.deepEqual(await level('K-2'), [1, 0, 4]);

// More buyers than connections, and than units.
await stockUp('K-3', 20);
const buyers = await Promise.all(Array.from({ length: 40 }, () =>
  call('SELECT granted FROM claim(?, ?)', ['K-3', 1])));
assert.equal(buyers.filter((row) => row.granted).length, 20);

// Schema questions need the catalogue, which is not there yet, and says so.
await assert.rejects(knex.schema.hasTable('stock'), { code: '0A000' });
await knex.destroy();
console.log('ok');
