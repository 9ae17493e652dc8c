import * as api from './index.ts'

// Goal: whoever widens the public surface sees it in review.
test('the public values are these', () => {
  expect(Object.keys(api).sort()).toEqual([
    'KeyedStream',
    'LightflusError',
    'Stream',
    'WindowedStream',
    'avg',
    'canonicalGraph',
    'catalogue',
    'count',
    'deserializeError',
    'durationMs',
    'files',
    'generator',
    'graphFormatVersion',
    'isJob',
    'isLightflusError',
    'job',
    'json',
    'kafka',
    'max',
    'min',
    'mysql',
    'redis',
    'shopEvents',
    'sum',
    'table',
    'text',
    'toLightflusError',
    'tumbling',
  ])
})
