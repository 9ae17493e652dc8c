import { createTheme, type MantineColorsTuple } from '@mantine/core'

/** The one accent: buttons, links, focus, the first series of a chart. Never a state. */
const flux: MantineColorsTuple = [
  '#e9f7f8',
  '#d2eef0',
  '#a5dee2',
  '#73cbd2',
  '#46b7c1',
  '#24a0ac',
  '#128793',
  '#0b6f7a',
  '#0a5963',
  '#08444c',
]

/** Greys lean to the accent a little, so that surfaces and lines belong together. */
const gray: MantineColorsTuple = [
  '#f7f9f9',
  '#eff2f2',
  '#e4e8e9',
  '#d5dbdd',
  '#cad2d4',
  '#95a0a4',
  '#6b777b',
  '#4b565a',
  '#2c3538',
  '#161c1e',
]

const dark: MantineColorsTuple = [
  '#e2e8e9',
  '#b8c2c5',
  '#96a2a6',
  '#6a777c',
  '#3b464a',
  '#2a3337',
  '#1c2427',
  '#101618',
  '#0c1113',
  '#080c0d',
]

const red: MantineColorsTuple = [
  '#fdeeed',
  '#fadbd9',
  '#f3b4b1',
  '#ec8b86',
  '#e56861',
  '#dc4a43',
  '#c63831',
  '#a92d27',
  '#8b2621',
  '#6e1f1b',
]

const fontSans = "'Geist Variable', system-ui, -apple-system, 'Segoe UI', sans-serif"
const fontMono = "'Geist Mono Variable', ui-monospace, 'SF Mono', Menlo, Consolas, monospace"

export const theme = createTheme({
  primaryColor: 'flux',
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  luminanceThreshold: 0.34,
  colors: { flux, gray, dark, red },
  fontFamily: fontSans,
  fontFamilyMonospace: fontMono,
  headings: { fontFamily: fontSans, fontWeight: '600' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  lineHeights: { xs: '1.35', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.3' },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  defaultRadius: 'sm',
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'xs' }, styles: { label: { fontWeight: 500 } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35 }, transitionProps: { duration: 120 } },
    },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true, fz: 'xs' } },
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 90 } } },
  },
})
