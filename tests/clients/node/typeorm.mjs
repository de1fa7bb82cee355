// TypeORM against Holdfast: a data source without synchronize, queries for functions, entities for
// look-ups by key.   node typeorm.mjs PORT
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { DataSource, EntitySchema, In, QueryFailedError } from 'typeorm';

const port = Number(process.argv[2]);
const Stock = new EntitySchema({
  name: 'stock',
  columns: {
    sku: { type: 'text', primary: true },
    location: { type: 'text', primary: true },
    available: { type: 'bigint' },
    held: { type: 'bigint' },
    committed: { type: 'bigint' },
  },
});
const Claim = new EntitySchema({
  name: 'claims',
  columns: {
    claim_id: { type: 'uuid', primary: true },
    state: { type: 'text' },
    expires_at: { type: 'timestamptz', nullable: true },
    lines: { type: 'jsonb' },
  },
});
const source = new DataSource({
  type: 'postgres', host: '127.0.0.1', port, username: 'holdfast', database: 'holdfast',
  entities: [Stock, Claim],
});
await source.initialize();
const call = async (text, values = [], on = source) => (await on.query(text, values))[0];
const stockUp = async (sku, units) => {
  await call('SELECT outcome FROM define_item($1)', [sku]);
  await call('SELECT outcome FROM receive($1, $2)', [sku, units]);
};
const level = async (sku) => {
  const row = await source.getRepository(Stock).findOneBy({ sku });
  return [row.available, row.held, row.committed].map(Number);
};

await stockUp('O-1', 10);
const first = await call(
  'SELECT granted, claim_id, expires_at, available, lines FROM claim($1, $2, hold_for => $3)',
  ['O-1', 3, '10 minutes']);
assert.equal(first.granted, true);
assert.equal(first.available, '7'); // node-postgres gives bigint as a string
assert.deepEqual(await call('SELECT granted, outcome FROM claim($1, $2)', ['O-1', 8]),
  { granted: false, outcome: 'short_of_stock' });

// Entities: look-ups by key.
assert.deepEqual(await level('O-1'), [7, 3, 0]);
assert.equal(await source.getRepository(Stock).findOneBy({ sku: 'nowhere' }), null);
const several = await source.getRepository(Stock).find({ where: { sku: In(['none', 'O-1']) } });
assert.deepEqual(several.map((row) => row.sku), ['O-1']);
const claim = await source.getRepository(Claim).findOneByOrFail({ claim_id: first.claim_id });
assert.equal(claim.state, 'held');
assert.deepEqual(claim.expires_at, first.expires_at);
assert.equal(claim.lines[0].held, 3);
const raw = await source.createQueryBuilder().select(['s.sku', 's.held']).from(Stock, 's')
  .where('s.sku = :sku', { sku: 'O-1' }).getRawOne();
assert.deepEqual(raw, { s_sku: 'O-1', s_held: '3' });

// Parameters of every type.
const id = randomUUID();
assert.deepEqual(await call(
  'SELECT outcome, claim_id FROM claim(sku => $1, quantity => $2, partial => $3, claim_id => $4, '
  + 'occurred_at => $5, customer => $6)',
  ['O-1', 2, true, id, new Date('2026-01-02T03:04:05.678Z'), null]),
  { outcome: 'granted', claim_id: id });
assert.deepEqual(await call('SELECT outcome, available FROM claim(lines => $1)',
  [JSON.stringify([{ sku: 'O-1', quantity: 1 }])]), { outcome: 'granted', available: '4' });

// Errors: TypeORM's class, with the driver's SQLSTATE.
for (const [text, values, code] of [
  ['SELEC 1', [], '42601'],
  ['SELECT * FROM nonsense', [], '42P01'],
  ['SELECT * FROM claim($1, $2)', ['O-1', 0], '22023'],
  ['SELECT * FROM claim($1, $2)', ['O-1', 'one'], '22P02'],
  ['SELECT now()', [], '0A000'],
]) {
  await assert.rejects(source.query(text, values), (error) => {
    assert.ok(error instanceof QueryFailedError);
    assert.equal(error.code, code);
    return true;
  });
}

// Transactions; a transaction in a transaction is a savepoint.
await stockUp('O-2', 5);
await source.transaction(async (block) => {
  await call('SELECT granted FROM claim($1, $2)', ['O-2', 2], block);
  assert.deepEqual(await level('O-2'), [3, 2, 0]);
  assert.equal((await call("SELECT outcome FROM claim('O-2', 5)")).outcome, 'contended');
  await assert.rejects(block.transaction(async (inner) => {
    await call("SELECT granted FROM claim('O-2', 1)", [], inner);
    await call("SELECT granted FROM claim('O-2', 0)", [], inner);
  }), { code: '22023' });
  await block.transaction((inner) => call("SELECT granted FROM claim('O-2', 1)", [], inner));
});
assert.deepEqual(await level('O-2'), [2, 0, 3]);
const runner = source.createQueryRunner();
await runner.startTransaction('READ COMMITTED');
await call("SELECT granted FROM claim('O-2', 1)", [], runner);
await runner.rollbackTransaction();
await runner.startTransaction('SERIALIZABLE');
await call("SELECT available FROM stock WHERE sku = 'O-2'", [], runner);
await call("SELECT outcome FROM sale('O-2', 1)");
await assert.rejects(runner.commitTransaction(), { code: '40001' });
await call("SELECT outcome FROM receive('O-2', 1)");
await runner.release();
assert.deepEqual(await level('O-2'), [2, 0, 3]);
const held = await call("SELECT claim_id FROM claim('O-2', 1, hold_for => '1 hour')");
await assert.rejects(source.transaction(async (block) => {
  await call('SELECT outcome FROM confirm($1)', [held.claim_id], block);
  await call('SELECT outcome FROM release($1)', [held.claim_id]);
}), { code: '40001' });
assert.deepEqual(await level('O-2'), [2, 0, 3]);

// More buyers than connections (10), and than units.
await stockUp('O-3', 20);
const buyers = await Promise.all(Array.from({ length: 40 }, () =>
  call('SELECT granted FROM claim($1, $2)', ['O-3', 1])));
assert.equal(buyers.filter((row) => row.granted).length, 20);
assert.deepEqual(await level('O-3'), [0, 0, 20]);

// Schema questions need the catalogue, which is not there yet, and say so.
await assert.rejects(source.synchronize(), { code: '0A000' });
await source.destroy();
console.log('ok');
