/**
 * Text from outside (records, logs, a platform) without the control characters that would make a terminal do things:
 * move the cursor, change the title, answer with input. Tabs and line ends stay.
 */
export function visibleText(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
