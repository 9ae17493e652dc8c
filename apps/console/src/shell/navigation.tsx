import { Link } from '@tanstack/react-router'
import { useMay } from '../services.tsx'
import classes from './navigation.module.css'
import { sections } from './sections.ts'

export function Navigation() {
  const may = useMay()
  return (
    <nav className={classes.navigation} aria-label="Sections">
      {sections
        .filter(({ needs }) => may(needs))
        .map(({ to, label, icon: Icon }) => (
          <Link key={to} to={to} className={classes.link} activeProps={{ 'data-active': true, 'aria-current': 'page' }}>
            <Icon size={16} stroke={1.7} aria-hidden="true" />
            {label}
          </Link>
        ))}
    </nav>
  )
}
