import { Alert, Button, Group, Modal, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { RouteOutput } from '@lightflus/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CopyButton } from '../../components/copy-button.tsx'
import { Problem } from '../../components/problem.tsx'
import { useServices } from '../../services.tsx'
import classes from './create-key-dialog.module.css'

type CreatedKey = RouteOutput<'createApiKey'>
const lives = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: 'never', label: 'Does not expire' },
]
const grantable = [
  { value: 'viewer', label: 'Viewer', may: 'May see everything but API keys and secrets.' },
  { value: 'developer', label: 'Developer', may: 'May also make, deploy and end jobs.' },
  { value: 'admin', label: 'Admin', may: 'May also change connections and API keys.' },
] as const
type Grantable = (typeof grantable)[number]['value']

interface KeyValues {
  name: string
  role: Grantable
  life: string
}

/** Makes a key; then shows it, this once. */
export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, queries } = useServices()
  const cache = useQueryClient()
  const form = useForm<KeyValues>({
    initialValues: { name: '', role: 'developer', life: '90' },
    validate: {
      name: (name) =>
        name.trim() === '' ? 'Name it after what will use it.' : name.length > 100 ? '100 characters at most.' : null,
    },
  })
  const create = useMutation({
    mutationFn: ({ name, role, life }: KeyValues) =>
      client.createApiKey({ body: { name: name.trim(), role, expiresInDays: life === 'never' ? null : Number(life) } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: queries.apiKeys().queryKey }),
  })
  if (create.data) return <CreatedKeyDialog created={create.data} onClose={onClose} />
  return (
    <Modal opened onClose={onClose} title="New API key" size="sm">
      <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
        <Stack gap="sm">
          <TextInput label="Name" placeholder="ci: deploy from main" data-autofocus {...form.getInputProps('name')} />
          <div>
            <Text size="sm" fw={500} mb={4}>
              Role
            </Text>
            <SegmentedControl
              fullWidth
              size="xs"
              aria-label="Role"
              data={grantable.map(({ value, label }) => ({ value, label }))}
              {...form.getInputProps('role')}
            />
            <Text size="xs" c="dimmed" mt={4}>
              {grantable.find(({ value }) => value === form.values.role)?.may}
            </Text>
          </div>
          <Select label="Expires after" allowDeselect={false} data={lives} {...form.getInputProps('life')} />
          {create.error && <Problem compact error={create.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={create.isPending}>
              Make the key
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function CreatedKeyDialog({ created, onClose }: { readonly created: CreatedKey; readonly onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={`API key ${created.name}`}
      size="md"
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="md">
        <Alert color="yellow" variant="light" p="sm">
          Copy it now: it is stored as a hash and can never be shown again.
        </Alert>
        <div className={classes.key}>
          <code>{created.key}</code>
          <CopyButton value={created.key} label="Copy the key" />
        </div>
        <Text size="sm" c="dimmed">
          Use it as <code className="mono">LIGHTFLUS_API_KEY</code> for the command line, or as a bearer token for the
          API.
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have kept it</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
