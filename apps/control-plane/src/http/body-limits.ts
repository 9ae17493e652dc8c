/** A program has at most 1 MiB of text, and JSON may write a character with six. */
export const bodyBytesMax = 4 * 1_048_576
/** One sync of a worker with full reports. */
export const workerBodyBytesMax = 32 * 1_048_576
