// node-postgres against Holdfast: simple and prepared statements, parameters, a pool of buyers for the
// last units, blocks, errors with their SQLSTATE.   node claims.mjs PORT SKU UNITS
import assert from 'node:assert/strict';
import pg from 'pg';

const [port, sku, units] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])];
const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'holdfast', database: 'holdfast', max: 10 });

const { rows: [first] } = await pool.query(
  'SELECT granted, outcome, claim_id, expires_at, available FROM claim($1, $2, hold_for => $3)',
  [sku, 1, '10 minutes']);
assert.equal(first.granted, true);
assert.match(first.claim_id, /^[0-9a-f-]{36}$/);
assert.ok(first.expires_at instanceof Date);
assert.equal(first.available, String(units - 1)); // node-postgres gives bigint as a string

// Twice as many buyers as units, prepared by name.
const answers = await Promise.all(Array.from({ length: 2 * units }, () => pool.query({
  name: 'claim-one', text: 'SELECT granted, outcome FROM claim($1, 1)', values: [sku] })));
const granted = answers.filter(({ rows: [row] }) => row.granted).length;
assert.equal(granted, units - 1);
assert.ok(answers.every(({ rows: [row] }) => row.granted || row.outcome === 'short_of_stock'));

const { rows: [released] } = await pool.query('SELECT outcome FROM release($1)', [first.claim_id]);
assert.equal(released.outcome, 'done');

// A block holds what it claims: others are told so. An error is undone to a savepoint.
const shop = await pool.connect();
await shop.query('BEGIN');
const { rows: [mine] } = await shop.query('SELECT granted FROM claim($1, $2)', [sku, 1]);
assert.equal(mine.granted, true);
const { rows: [theirs] } = await pool.query('SELECT outcome FROM claim($1, $2)', [sku, 1]);
assert.equal(theirs.outcome, 'contended');
await shop.query('SAVEPOINT before');
await assert.rejects(shop.query('SELECT * FROM claim($1, $2)', [sku, 0]), { code: '22023' });
await assert.rejects(shop.query('SELECT 1'), { code: '25P02' });
await shop.query('ROLLBACK TO before');
await shop.query('ROLLBACK');

// What a block rests on has changed: COMMIT says so, and nothing is done.
const { rows: [held] } = await pool.query(
  "SELECT claim_id FROM claim($1, $2, hold_for => '1 hour')", [sku, 1]);
await shop.query('BEGIN');
await shop.query('SELECT * FROM confirm($1)', [held.claim_id]);
await pool.query('SELECT * FROM release($1)', [held.claim_id]);
await assert.rejects(shop.query('COMMIT'), { code: '40001' });
shop.release();

await assert.rejects(pool.query('SELECT * FROM nonsense'), { code: '42P01' });
const { rows: [one] } = await pool.query('SELECT 1 AS one');
assert.equal(one.one, 1);
await pool.end();
console.log('ok');
