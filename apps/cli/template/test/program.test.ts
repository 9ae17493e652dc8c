/// <reference types="node" />
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testJob } from 'lightflus/testing'
import job, { isPaid, makeOrder, type Order } from '../src/my-job.ts'

test('orders of nothing are not paid', () => {
  assert.equal(isPaid({ user: 'a', amount: 0 }), false)
  assert.equal(isPaid({ user: 'a', amount: 0.01 }), true)
})

test('the whole job counts every paid order once', async () => {
  const shop = await testJob(job)
  const orders = shop.input<Order>('orders')
  await orders.push({ user: 'ada', amount: 3 })
  await orders.push({ user: 'ada', amount: 0 })
  await orders.push({ user: 'ada', amount: 4 })
  await orders.pushPayload(makeOrder(7))
  await shop.finish()
  assert.deepEqual(shop.output('spent'), [
    { key: 'ada', orders: 2, spent: 7, largest: 4 },
    { key: 'user-2', orders: 1, spent: 7, largest: 7 },
  ])
})
