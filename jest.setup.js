import fc from 'fast-check'

// A bound that a property states for a list is meant: by itself fast-check stops at about ten.
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })
