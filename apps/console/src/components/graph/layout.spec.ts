import { graphSample } from '../../testing/samples.ts'
import { layoutGraph, operatorSize } from './layout.ts'

describe('the layout of a graph', () => {
  test.each([
    ['LR', 'x', operatorSize.width],
    ['TB', 'y', operatorSize.height],
  ] as const)('%s: every edge leads onwards, and no operator stands on another', (direction, axis, size) => {
    const places = layoutGraph(graphSample, direction)
    expect([...places.keys()]).toEqual(graphSample.operators.map(({ id }) => id))
    for (const { from, to } of graphSample.edges)
      expect(places.get(to)![axis] - places.get(from)![axis]).toBeGreaterThanOrEqual(size)
  })
})
