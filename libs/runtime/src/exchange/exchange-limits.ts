/**
 * Elements (batches, watermarks, barriers) that may be on the way from one subtask to another. A batch holds at most a
 * few thousand records, so this bounds how long a barrier queues; memory is bounded by the ring besides.
 */
export const elementsInFlightMax = 32

/** Memory of the ring from one subtask to another in another slot, bytes: some five batches of small records. */
export const ringBytesMax = 262_144
/** Memory of all rings of an attempt, bytes. Where there are many, each is smaller, down to the least. */
export const allRingsBytesMax = 67_108_864
export const ringBytesMin = 8_192
/** Over a forward edge nothing but watermarks, barriers and ends go to another slot. */
export const controlRingBytes = 4_096

/** What an element that no ring holds may take in the memory of its sender, bytes; above, it goes as a structured clone. */
export const scratchBytesMax = 67_108_864

for (const bytes of [ringBytesMax, ringBytesMin, controlRingBytes]) {
  if (!Number.isInteger(Math.log2(bytes))) throw new Error('the size of a ring is a power of two')
}
