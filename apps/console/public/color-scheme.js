;(function () {
  var chosen = 'auto'
  try {
    chosen = localStorage.getItem('lightflus-color-scheme') || 'auto'
  } catch {
    // Storage can be closed to a page; then the system's setting holds.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
