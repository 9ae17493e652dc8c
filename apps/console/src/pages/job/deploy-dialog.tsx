import { Button, Group, Modal, NumberInput, SegmentedControl, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { Job } from '@lightflus/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Problem } from '../../components/problem.tsx'
import { useServices } from '../../services.tsx'
import { deployBody, deployDefaults, deployErrors, type DeployValues } from './deploy-presenter.ts'

interface DeployDialogProps {
  readonly job: Job
  /** Default: the newest. */
  readonly version?: number
  readonly onClose: () => void
}

/** Runs a version, with the settings to run it by. */
export function DeployDialog({ job, version, onClose }: DeployDialogProps) {
  const { client, queries } = useServices()
  const cache = useQueryClient()
  const latestVersion = job.latestVersion ?? 1
  const form = useForm<DeployValues>({
    initialValues: deployDefaults(job, version),
    validate: (values) => deployErrors(values, latestVersion),
  })
  const deploy = useMutation({
    mutationFn: (values: DeployValues) => client.deployJob({ params: { name: job.name }, body: deployBody(values) }),
    onSuccess: async (deployment) => {
      cache.setQueryData(queries.job(job.name).queryKey, { ...job, deployment })
      onClose()
      await cache.invalidateQueries({ queryKey: ['job', job.name] })
    },
  })
  const replaces =
    job.deployment !== null && ['RUNNING', 'STARTING', 'RESTARTING'].includes(job.deployment.status.state)

  return (
    <Modal opened onClose={onClose} title={`Deploy ${job.name}`} size="sm">
      <form onSubmit={form.onSubmit((values) => deploy.mutate(values))}>
        <Stack gap="sm">
          <Group grow align="flex-start">
            <NumberInput
              label="Version"
              description={`The newest is ${latestVersion}`}
              min={1}
              allowDecimal={false}
              {...form.getInputProps('version')}
            />
            <NumberInput
              label="Parallelism"
              description="Slots, 1 to 64"
              min={1}
              max={64}
              allowDecimal={false}
              {...form.getInputProps('parallelism')}
            />
            <NumberInput
              label="Workers"
              description="Share the slots"
              min={1}
              max={32}
              allowDecimal={false}
              {...form.getInputProps('workers')}
            />
          </Group>
          {form.values.workers > 1 && (
            <TextInput
              label="Exchange"
              description="Kafka connection by which the workers exchange records. Empty: the platform's own"
              {...form.getInputProps('exchange')}
            />
          )}
          <NumberInput
            label="Checkpoint interval"
            description="What is repeated at most after a failure"
            suffix=" ms"
            step={500}
            allowDecimal={false}
            {...form.getInputProps('checkpointIntervalMs')}
          />
          <div hidden={form.values.workers > 1}>
            <Text size="sm" fw={500} mb={4}>
              Worker
            </Text>
            <SegmentedControl
              fullWidth
              size="xs"
              aria-label="Worker"
              data={[
                { value: 'shared', label: 'Shared with small jobs' },
                { value: 'dedicated', label: 'One of its own' },
              ]}
              {...form.getInputProps('placement')}
            />
          </div>
          <Switch
            label="Go on from the newest checkpoint"
            description="Off: begin afresh, with no state and from the source's start"
            {...form.getInputProps('restore', { type: 'checkbox' })}
          />
          {replaces && (
            <Text size="xs" c="dimmed">
              The deployment that runs now is stopped with a savepoint first.
            </Text>
          )}
          {deploy.error && <Problem compact error={deploy.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={deploy.isPending}>
              Deploy
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
