import { visibleText } from './visible-text.ts'

// Goal: nothing that comes from outside makes a terminal do anything but show text.

it('shows control characters instead of passing them on, and leaves all else', () => {
  expect(visibleText('\u001b]0;title\u0007 \u001b[2J\r\u009bA\u007f')).toBe(
    '\\x1b]0;title\\x07 \\x1b[2J\\x0d\\x9bA\\x7f',
  )
  expect(visibleText('tab\tand\nline, ü 数据 👩‍💻')).toBe('tab\tand\nline, ü 数据 👩‍💻')
})
