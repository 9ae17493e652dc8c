import { Menu, SegmentedControl, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { IconKeyboard, IconLogout, IconSelector } from '@tabler/icons-react'
import { useServices, useSession } from '../services.tsx'
import classes from './account-menu.module.css'

const schemes = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'System' },
] satisfies { value: MantineColorScheme; label: string }[]

/** Who is signed in, as whom, and what belongs to the person rather than to the tenant. */
export function AccountMenu({ onShowKeyboard }: { readonly onShowKeyboard: () => void }) {
  const { session } = useServices()
  const state = useSession()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  if (state.status !== 'signed-in') return null
  const { user, tenant } = state.session
  return (
    <Menu position="top-start" width={240} closeOnItemClick>
      <Menu.Target>
        <UnstyledButton className={classes.account} aria-label={`Account of ${user.email}`}>
          <span className={classes.mark} aria-hidden="true">
            {tenant.name.charAt(0).toUpperCase()}
          </span>
          <span className={classes.names}>
            <span className={classes.tenant}>{tenant.name}</span>
            <span className={classes.email}>{user.email}</span>
          </span>
          <IconSelector size={14} className={classes.caret} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <strong>{user.email}</strong>
          <span>
            {tenant.role} of {tenant.name}
          </span>
        </div>
        <Menu.Divider />
        <div className={classes.scheme}>
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label="Colours"
            data={schemes}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as MantineColorScheme)}
          />
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={15} />} onClick={onShowKeyboard}>
          Keyboard
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void session.signOut().catch(() => undefined)}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
