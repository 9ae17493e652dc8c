/// <reference types="node" />
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { isPaid, makeOrder, type Order } from '../src/my-job.ts'

test('orders of nothing are not paid', () => {
  assert.equal(isPaid({ user: 'a', amount: 0 }), false)
  assert.equal(isPaid({ user: 'a', amount: 0.01 }), true)
})

test('the whole job counts every paid order once', async () => {
  const { stdout } = await promisify(execFile)('lightflus', ['run', 'src/my-job.ts', '-o', 'json'])
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

  const last = new Map(lines.filter(({ type }) => type === 'row').map(({ key, row }) => [key, row]))
  const paid = Array.from({ length: 10_000 }, (_, index) => JSON.parse(makeOrder(index)) as Order).filter(isPaid)
  for (const user of ['user-0', 'user-1', 'user-4']) {
    const amounts = paid.filter((order) => order.user === user).map((order) => order.amount)
    assert.deepEqual(last.get(user), {
      user,
      orders: amounts.length,
      spent: amounts.reduce((total, amount) => total + amount, 0),
      largest: Math.max(...amounts),
    })
  }
  assert.equal(lines.at(-1).state, 'FINISHED')
})
