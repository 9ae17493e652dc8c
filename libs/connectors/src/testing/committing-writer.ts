import type { SinkWriter } from '@lightflus/engine'

/** A writer that commits, as one that writes at once: each flush is a checkpoint that exists. */
export function committingWriter(writer: SinkWriter): SinkWriter {
  const commits = writer.commits!
  let checkpoint = 0
  return {
    async open() {
      await writer.open()
      await commits.resume({ prepared: [], isCommitted: true, subtasks: [0] })
    },
    write: (values, timestamps, changes) => writer.write(values, timestamps, changes),
    async flush() {
      checkpoint++
      if ((await commits.prepare(checkpoint)) !== undefined) await commits.commit(checkpoint)
    },
    bytesWritten: () => writer.bytesWritten(),
    close: () => writer.close(),
  }
}
