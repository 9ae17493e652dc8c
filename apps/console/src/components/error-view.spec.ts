import { LightflusError } from '@lightflus/api'
import { presentError } from './error-view.ts'

describe('an error as pages show it', () => {
  test('has its code, what to do, and the request that it answers', () => {
    const error = new LightflusError('LF_QUOTA_EXCEEDED', 'All slots are in use.', {
      details: { requestId: 'r-1' },
      nextStep: 'Stop another job.',
    })
    expect(presentError(error)).toEqual({
      code: 'LF_QUOTA_EXCEEDED',
      message: 'All slots are in use.',
      nextStep: 'Stop another job.',
      requestId: 'r-1',
    })
  })

  test('says that the console is at fault for anything else', () => {
    expect(presentError(new TypeError('x is undefined'))).toMatchObject({
      code: 'LF_CONSOLE_FAULT',
      message: 'x is undefined',
      requestId: null,
    })
  })
})
