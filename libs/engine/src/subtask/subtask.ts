import type { Subtask, SubtaskOptions } from './subtask-options.ts'
export declare function createSubtask(options: SubtaskOptions): Subtask
