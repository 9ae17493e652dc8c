import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Problem } from './problem.tsx'

interface ConfirmProps {
  readonly title: string
  readonly children: ReactNode
  /** What the button says; the verb that was asked for. */
  readonly verb: string
  readonly danger?: boolean
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
}

/** Asks once more before something that cannot be taken back; stays open with the reason when it fails. */
export function Confirm({ title, children, verb, danger = true, onConfirm, onClose }: ConfirmProps) {
  const action = useMutation({ mutationFn: onConfirm, onSuccess: onClose })
  return (
    <Modal opened onClose={onClose} title={title} size="sm">
      <Stack gap="md">
        <Text component="div" size="sm" c="dimmed">
          {children}
        </Text>
        {action.error && <Problem compact error={action.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it as it is
          </Button>
          <Button color={danger ? 'red' : undefined} loading={action.isPending} onClick={() => action.mutate()}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
