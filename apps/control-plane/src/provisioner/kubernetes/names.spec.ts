import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { tenantNamespace, workerName } from './names.ts'

const label = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/

test('every tenant’s namespace has a name that Kubernetes takes, and no two tenants have the same', () => {
  const tenantName = fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/)
  const prefix = fc.stringMatching(/^[a-z][a-z0-9-]{0,29}$/)
  fc.assert(
    fc.property(prefix, tenantName, tenantName, (start, one, two) => {
      const [first, second] = [one, two].map((name) => tenantNamespace(start, { tenantId: name, tenantName: name }))
      expect(first).toMatch(label)
      expect(first === second).toBe(one === two)
    }),
  )
  expect(tenantNamespace('lf-', { tenantId: '1', tenantName: 'acme' })).toBe('lf-acme')
})

test('a worker’s name leaves room for what a StatefulSet appends to it in labels', () => {
  const name = workerName(randomUUID())
  expect(name).toMatch(label)
  expect(name.length).toBeLessThanOrEqual(52)
})
