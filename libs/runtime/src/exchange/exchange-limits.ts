/**
 * Elements (batches, watermarks, barriers) that may be on the way from one subtask to another: in the queue of a
 * channel, or in a message port. A batch holds at most a few thousand records, so this bounds a channel's memory.
 */
export const elementsInFlightMax = 32

/** Elements taken before the receiver tells the sender of them: fewer messages, and never so few that both wait. */
export const elementsPerCredit = 8

if (elementsPerCredit > elementsInFlightMax / 2) throw new Error('a sender would wait for credit that is held back')
