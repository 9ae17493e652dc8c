import { roleAllows, roles } from './auth.ts'

test('each role may do all that the ones after it may, and nothing of those before', () => {
  const may = roles.map((role) => roles.filter((needed) => roleAllows(role, needed)))
  expect(may).toEqual([
    ['owner', 'admin', 'developer', 'viewer'],
    ['admin', 'developer', 'viewer'],
    ['developer', 'viewer'],
    ['viewer'],
  ])
})
