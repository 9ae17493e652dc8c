import { ActionIcon, Drawer } from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { IconMenu2 } from '@tabler/icons-react'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Logo } from '../components/logo.tsx'
import { AccountMenu } from './account-menu.tsx'
import { KeyboardHelp } from './keyboard-help.tsx'
import { Navigation } from './navigation.tsx'
import { sections } from './sections.ts'
import classes from './shell.module.css'
import { useKeySequences } from './use-key-sequences.ts'

/** What stands around every page of somebody who is signed in. */
export function Shell() {
  const [drawerOpen, drawer] = useDisclosure(false)
  const [helpOpen, help] = useDisclosure(false)
  const navigate = useNavigate()
  const path = useRouterState({ select: (state) => state.location.pathname })
  useEffect(drawer.close, [path, drawer.close])
  useHotkeys([['shift+?', help.toggle]])
  useKeySequences(Object.fromEntries(sections.map(({ key, to }) => [`g ${key}`, () => void navigate({ to })])))

  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <aside className={classes.sidebar}>
        <Brand />
        <Navigation />
        <AccountMenu onShowKeyboard={help.open} />
      </aside>
      <header className={classes.topbar}>
        <ActionIcon aria-label="Open the navigation" onClick={drawer.open} size="lg">
          <IconMenu2 size={18} />
        </ActionIcon>
        <Brand />
      </header>
      <Drawer
        opened={drawerOpen}
        onClose={drawer.close}
        size={264}
        title={<Brand />}
        classNames={{ body: classes.drawer }}
      >
        <Navigation />
        <AccountMenu onShowKeyboard={help.open} />
      </Drawer>
      <main id="content" className={classes.content} tabIndex={-1}>
        <Outlet />
      </main>
      <KeyboardHelp opened={helpOpen} onClose={help.close} />
    </div>
  )
}

function Brand() {
  return (
    <Link to="/jobs" className={classes.brand} aria-label="Lightflus, to the jobs">
      <Logo />
      <span>Lightflus</span>
    </Link>
  )
}
