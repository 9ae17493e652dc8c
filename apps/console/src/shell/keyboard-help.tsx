import { Kbd, Modal } from '@mantine/core'
import classes from './keyboard-help.module.css'
import { sections } from './sections.ts'

const keys: readonly (readonly [readonly string[], string])[] = [
  ...sections.map(({ key, label }) => [['g', key], `Go to ${label}`] as const),
  [['1', '…', '7'], 'Tabs of a job'],
  [['/'], 'Filter this page'],
  [['Esc'], 'Leave the filter, close what is open'],
  [['?'], 'This list'],
]

export function KeyboardHelp({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" size="xs">
      <dl className={classes.keys}>
        {keys.map(([press, does]) => (
          <div key={does}>
            <dt>{does}</dt>
            <dd>
              {press.map((key) => (
                <Kbd key={key} size="xs">
                  {key}
                </Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}
