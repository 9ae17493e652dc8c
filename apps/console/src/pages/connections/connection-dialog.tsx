import {
  Button,
  Group,
  Modal,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { connectionKinds, type ConnectionView } from '@lightflus/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Problem } from '../../components/problem.tsx'
import { useServices } from '../../services.tsx'
import {
  bodyOf,
  connectionErrors,
  defaultPorts,
  newConnection,
  valuesOf,
  type ConnectionValues,
} from './form-values.ts'
import { kindLabels } from './kinds.ts'

interface ConnectionDialogProps {
  /** The one to change; absent: a new one. */
  readonly connection?: ConnectionView
  readonly onClose: () => void
  readonly onSaved: (name: string) => void
}

/** Adds a connection, or changes one. Secrets are never shown, so a change gives them again. */
export function ConnectionDialog({ connection, onClose, onSaved }: ConnectionDialogProps) {
  const { client, queries } = useServices()
  const cache = useQueryClient()
  const form = useForm<ConnectionValues>({
    initialValues: connection ? valuesOf(connection) : newConnection,
    validate: connectionErrors,
    validateInputOnBlur: true,
  })
  const save = useMutation({
    mutationFn: (values: ConnectionValues) =>
      client.putConnection({ params: { name: values.name }, body: bodyOf(values) }),
    onSuccess: async ({ name }) => {
      onClose()
      onSaved(name)
      await cache.invalidateQueries({ queryKey: queries.connections().queryKey })
    },
  })
  const { kind } = form.values

  return (
    <Modal opened onClose={onClose} title={connection ? `Change ${connection.name}` : 'New connection'} size="md">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <Stack gap="sm">
          {!connection && (
            <SegmentedControl
              fullWidth
              aria-label="Kind"
              data={connectionKinds.map((value) => ({ value, label: kindLabels[value] }))}
              {...form.getInputProps('kind')}
            />
          )}
          <TextInput
            label="Name"
            description="Programs name the connection by it"
            placeholder="shop-db"
            disabled={connection !== undefined}
            data-autofocus={connection === undefined}
            {...form.getInputProps('name')}
          />
          {kind === 'kafka' && <KafkaFields form={form} />}
          {kind === 'http' && <HttpFields form={form} />}
          {(kind === 'mysql' || kind === 'redis') && <ServerFields form={form} kind={kind} />}
          <Switch
            label={kind === 'http' ? 'Own certificate authority' : 'Encrypted (TLS)'}
            {...form.getInputProps('tls', { type: 'checkbox' })}
          />
          {form.values.tls && (
            <Textarea
              label="Certificate authority"
              description="PEM; empty: those that the worker's system trusts"
              autosize
              minRows={2}
              maxRows={6}
              {...form.getInputProps('ca')}
            />
          )}
          {connection && (
            <Text size="xs" c="dimmed">
              The password is kept encrypted and never shown. Give it again to save; deployments take the change when
              they next start.
            </Text>
          )}
          {save.error && <Problem compact error={save.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={save.isPending}>
              {connection ? 'Save' : 'Add and test'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

type Form = UseFormReturnType<ConnectionValues>

function KafkaFields({ form }: { readonly form: Form }) {
  const isClient = form.values.mechanism === 'oauthbearer'
  return (
    <>
      <Textarea
        label="Brokers"
        description="host:port, one a line; one is enough to find the others"
        placeholder="kafka-1.example.com:9092"
        autosize
        minRows={2}
        {...form.getInputProps('brokers')}
      />
      <Select
        label="Sign-in"
        allowDeselect={false}
        data={[
          { value: 'none', label: 'None' },
          { value: 'plain', label: 'SASL PLAIN' },
          { value: 'scram-sha-256', label: 'SASL SCRAM-SHA-256' },
          { value: 'scram-sha-512', label: 'SASL SCRAM-SHA-512' },
          { value: 'oauthbearer', label: 'SASL OAUTHBEARER (OAuth client)' },
        ]}
        {...form.getInputProps('mechanism')}
      />
      {form.values.mechanism !== 'none' && (
        <Group grow align="flex-start">
          <TextInput label={isClient ? 'Client' : 'User'} autoComplete="off" {...form.getInputProps('user')} />
          <PasswordInput
            label={isClient ? 'Client’s secret' : 'Password'}
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
        </Group>
      )}
      {isClient && (
        <Group grow align="flex-start">
          <TextInput
            label="Token endpoint"
            placeholder="https://idp.example.com/oauth/token"
            {...form.getInputProps('tokenUrl')}
          />
          <TextInput label="Scope" placeholder="none" {...form.getInputProps('scope')} />
        </Group>
      )}
    </>
  )
}

function HttpFields({ form }: { readonly form: Form }) {
  return (
    <>
      <TextInput label="Address" placeholder="https://api.example.com/orders" {...form.getInputProps('url')} />
      <Textarea
        label="Headers"
        description="A line each; kept encrypted and never shown"
        placeholder="Authorization: Bearer …"
        autosize
        minRows={2}
        {...form.getInputProps('headers')}
      />
    </>
  )
}

function ServerFields({ form, kind }: { readonly form: Form; readonly kind: 'mysql' | 'redis' }) {
  return (
    <>
      <Group align="flex-start" wrap="nowrap">
        <TextInput label="Host" placeholder="db.example.com" flex={1} {...form.getInputProps('host')} />
        <NumberInput
          label="Port"
          w={110}
          min={1}
          max={65_535}
          allowDecimal={false}
          hideControls
          placeholder={String(defaultPorts[kind])}
          {...form.getInputProps('port')}
        />
      </Group>
      <Group grow align="flex-start">
        <TextInput
          label="User"
          autoComplete="off"
          placeholder={kind === 'redis' ? 'default' : undefined}
          {...form.getInputProps('user')}
        />
        <PasswordInput label="Password" autoComplete="new-password" {...form.getInputProps('password')} />
      </Group>
      <TextInput
        label="Database"
        placeholder={kind === 'redis' ? '0' : undefined}
        {...form.getInputProps('database')}
      />
    </>
  )
}
